"""The index of Decision 766/QĐ-TTg: its indicators, their formulas, and how many points are known (domain.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from engine.domain.indicators import State, Value

WHOLE = 100  #: points of the whole index; ranks are said of it alone


class Group(StrEnum):
    """The groups of the decision; online payment counts inside the online services."""

    TRANSPARENCY = "transparency"
    PROGRESS = "progress"
    DIGITISATION = "digitisation"
    ONLINE = "online"
    SATISFACTION = "satisfaction"


class Rank(StrEnum):
    """What a number of points is called: the ends by the decision, the bands between by domain.md §5."""

    EXCELLENT = "excellent"  #: 90 and more
    GOOD = "good"  #: 80 and more
    FAIR = "fair"  #: 70 and more
    AVERAGE = "average"  #: 50 and more
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a formula: ``factor`` x the ratio of an indicator, but not more than ``most``."""

    indicator: str
    factor: Fraction
    most: Fraction

    def points(self, ratio: Fraction) -> Fraction:
        """Return the exact points of a ratio."""
        return min(self.most, self.factor * ratio)


@dataclass(frozen=True, slots=True)
class Metric:
    """An indicator of the decision, by the code of the portal.

    Args:
        when_none: points when there is nothing to divide by, where the decision says so; None: it does not apply.
        when_unknown: points when there is no data, where the decision says so; None: they are unknown.
    """

    code: str
    group: Group
    vi: str
    en: str
    most: Fraction
    formula: str
    terms: tuple[Term, ...]
    when_none: Fraction | None = None
    when_unknown: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """How many points are known, and how many are not; exact.

    Args:
        points: what is known adds up to; None: nothing is.
        most: all that can be reached.
        unknown: of ``most``: points of which nobody knows whether they are reached.
        not_applicable: of ``most``: points for things of which there are none.
    """

    points: Fraction | None
    most: Fraction
    unknown: Fraction
    not_applicable: Fraction

    @property
    def rank(self) -> Rank | None:
        """The rank, None while the points that are not known could change it, and of anything but the whole index."""
        if self.most != WHOLE:
            return None
        known = self.points or Fraction()
        lowest, highest = rank_of(known), rank_of(known + self.unknown + self.not_applicable)
        return lowest if lowest is highest else None


@dataclass(frozen=True, slots=True)
class ScoredTerm:
    """A summand with its value; ``by_rule``: the decision gives points to what has no value."""

    term: Term
    value: Value
    points: Fraction | None
    by_rule: bool


@dataclass(frozen=True, slots=True)
class ScoredMetric:
    """An indicator of the decision with its points."""

    metric: Metric
    terms: tuple[ScoredTerm, ...]
    points: Points


def scored(metric: Metric, values: Mapping[str, Value]) -> ScoredMetric:
    """Return the points of one indicator; ``values`` by key, one that is not there is not known."""
    terms = tuple(_scored_term(metric, term, values.get(term.indicator, Value(None, None))) for term in metric.terms)
    known = [each.points for each in terms if each.points is not None]
    reached = min(metric.most, sum(known, Fraction()))
    without = {state: _most_of(each.term for each in terms if _lacks(each, state)) for state in _LACKING}
    unknown = min(metric.most - reached, without[State.NO_DATA])
    not_applicable = min(metric.most - reached - unknown, without[State.NOT_APPLICABLE])
    points = Points(reached if known else None, metric.most, unknown, not_applicable)
    return ScoredMetric(metric, terms, points)


def added(parts: Iterable[Points]) -> Points:
    """Return the points of several indicators or groups together."""
    rows = list(parts)
    known = [each.points for each in rows if each.points is not None]
    return Points(
        points=sum(known, Fraction()) if known else None,
        most=sum((each.most for each in rows), Fraction()),
        unknown=sum((each.unknown for each in rows), Fraction()),
        not_applicable=sum((each.not_applicable for each in rows), Fraction()),
    )


def rank_of(points: Fraction) -> Rank:
    """Return what so many of 100 points are called."""
    return next((rank for rank, least in _BANDS if points >= least), Rank.WEAK)


def _scored_term(metric: Metric, term: Term, value: Value) -> ScoredTerm:
    if value.ratio is not None:
        return ScoredTerm(term, value, term.points(value.ratio), by_rule=False)
    rule = metric.when_none if value.state is State.NOT_APPLICABLE else metric.when_unknown
    return ScoredTerm(term, value, rule, by_rule=rule is not None)


def _lacks(each: ScoredTerm, state: State) -> bool:
    return each.points is None and each.value.state is state


def _most_of(terms: Iterable[Term]) -> Fraction:
    return sum((term.most for term in terms), Fraction())


_LACKING = (State.NO_DATA, State.NOT_APPLICABLE)
_BANDS = ((Rank.EXCELLENT, 90), (Rank.GOOD, 80), (Rank.FAIR, 70), (Rank.AVERAGE, 50))


def _plain(
    code: str, group: Group, most: int, indicator: str, vi: str, en: str,
    *, when_none: int | None = None, when_unknown: int | None = None,
) -> Metric:  # fmt: skip
    """Return an indicator of the form ``most`` x ratio."""
    term = Term(indicator, Fraction(most), Fraction(most))
    none = None if when_none is None else Fraction(when_none)
    unknown = None if when_unknown is None else Fraction(when_unknown)
    return Metric(code, group, vi, en, Fraction(most), f"{most}A", (term,), none, unknown)


METRICS: tuple[Metric, ...] = (
    _plain("PUBLISH_ON_TIME", Group.TRANSPARENCY, 6, "publish_on_time",
           "Công bố TTHC đúng hạn", "Procedures published on time"),
    _plain("PUBLIC_UPDATE_ON_TIME", Group.TRANSPARENCY, 4, "update_on_time",
           "Cập nhật TTHC trên CSDL quốc gia đúng hạn", "Updates on the national database on time"),
    _plain("PUBLIC_CONTENT_FULL", Group.TRANSPARENCY, 2, "content_full",
           "Công khai đủ nội dung", "Full content published"),
    _plain("DOSSIER_SYNC", Group.TRANSPARENCY, 6, "dossier_sync",
           "Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia", "Dossiers synced with the national portal"),
    _plain("dvc-progress-tree", Group.PROGRESS, 20, "on_time_received",
           "Giải quyết hồ sơ đúng hạn", "Dossiers kept on time"),
    _plain("ORIGINAL_RESULT_AVAILABLE", Group.DIGITISATION, 6, "electronic_results",
           "Cấp kết quả điện tử", "Electronic results issued"),
    _plain("SO_HOA_GIAY_TO_GIAI_QUYET", Group.DIGITISATION, 4, "papers_digitised",
           "Số hóa thành phần hồ sơ", "Papers digitised"),
    Metric("REUSED_DIGITIZED_DATA", Group.DIGITISATION,
           "Khai thác, sử dụng lại dữ liệu đã số hóa", "Digitised data re-used",
           Fraction(2), "min(2, 2A/0.8)", (Term("papers_reused", Fraction(20, 8), Fraction(2)),)),
    _plain("SYNCED_WITH_DVCQG_PERSONAL_STORAGE", Group.DIGITISATION, 4, "results_in_personal_store",
           "Kết quả đồng bộ lên kho dữ liệu cá nhân", "Results synced to the personal store"),
    _plain("CITIZEN_DATA_CONNECTED_DOSSIER", Group.DIGITISATION, 2, "dossiers_with_population_data",
           "Hồ sơ khai thác dữ liệu dân cư", "Dossiers that use population data"),
    _plain("CITIZEN_DATA_CONNECTED_FORMALITY", Group.DIGITISATION, 2, "procedures_with_population_data",
           "TTHC khai thác dữ liệu dân cư", "Procedures that use population data"),
    _plain("ELECTRONIC_CERTIFIED_COPY", Group.DIGITISATION, 2, "certified_copies",
           "Chứng thực bản sao điện tử", "Certified copies made electronically"),
    Metric("provide-online-tree", Group.ONLINE, "Cung cấp dịch vụ công trực tuyến", "Services offered online",
           Fraction(12), "min(2, 2A/0.8) + 4B + min(6, 6C/0.5)",
           (Term("online_services", Fraction(20, 8), Fraction(2)),
            Term("online_services_used", Fraction(4), Fraction(4)),
            Term("online_dossiers", Fraction(12), Fraction(6)))),
    Metric("formality-online-payment-tree", Group.ONLINE, "Thanh toán trực tuyến", "Online payment",
           Fraction(10), "min(10, 6A + min(2, 2.5B) + 2.5C)",
           (Term("online_payment", Fraction(6), Fraction(6)),
            Term("fee_services_paid_online", Fraction(5, 2), Fraction(2)),
            Term("fee_services_on_portal", Fraction(5, 2), Fraction(5, 2)))),
    Metric("DOSSIER_RECEIVING_SATISFACTION", Group.SATISFACTION,
           "Hài lòng trong tiếp nhận, giải quyết TTHC", "Satisfaction at reception",
           Fraction(6), "min(6, 6A/0.9)",
           (Term("satisfied_reception", Fraction(60, 9), Fraction(6)),), Fraction(0), Fraction(0)),
    _plain("PETITION_PROCESSING_ON_TIME", Group.SATISFACTION, 6, "petitions_on_time",
           "Phản ánh, kiến nghị xử lý đúng hạn", "Petitions answered on time", when_none=6),
    _plain("PETITION_HANDLING_SATISFACTION", Group.SATISFACTION, 6, "satisfied_petitions",
           "Hài lòng về xử lý phản ánh, kiến nghị", "Satisfaction with petitions", when_none=6),
)  # fmt: skip
#: in the order of the decision; the summands of the payment formula reach 10.5, its indicator has 10
