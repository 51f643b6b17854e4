"""The life of a dossier as one table: statuses, transitions and who stands where (domain.md §1.15, §4.1)."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from engine.errors import ConflictError


class Status(IntEnum):
    """National status list; the number is the DVCQG code (domain.md §4.1)."""

    SUBMITTED = 1  #: Mới đăng ký: filed online, not yet received
    RECEIVED = 2  #: Được tiếp nhận: code and due date exist
    NOT_RECEIVED = 3  #: Không được tiếp nhận: refused at reception, the end
    PROCESSING = 4  #: Đang xử lý
    SUPPLEMENT = 5  #: Yêu cầu bổ sung giấy tờ
    OBLIGATION = 6  #: Yêu cầu thực hiện nghĩa vụ tài chính
    WITHDRAWN = 7  #: Công dân yêu cầu rút hồ sơ, the end
    STOPPED = 8  #: Dừng xử lý, the end
    FINISHED = 9  #: Đã xử lý xong: business time ends
    RETURNED = 10  #: Đã trả kết quả, the end


LABELS = {  # msgids of the screens
    Status.SUBMITTED: "Mới đăng ký",
    Status.RECEIVED: "Được tiếp nhận",
    Status.NOT_RECEIVED: "Không được tiếp nhận",
    Status.PROCESSING: "Đang xử lý",
    Status.SUPPLEMENT: "Yêu cầu bổ sung giấy tờ",
    Status.OBLIGATION: "Yêu cầu thực hiện nghĩa vụ tài chính",
    Status.WITHDRAWN: "Công dân yêu cầu rút hồ sơ",
    Status.STOPPED: "Dừng xử lý",
    Status.FINISHED: "Đã xử lý xong",
    Status.RETURNED: "Đã trả kết quả",
}

_S = Status

# (domain.md §1.15) 2 to 9 is missing on purpose: a dossier that is decided has been processed, so it passes 4.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    _S.SUBMITTED: frozenset({_S.RECEIVED, _S.NOT_RECEIVED, _S.SUPPLEMENT}),
    _S.RECEIVED: frozenset({_S.PROCESSING, _S.SUPPLEMENT, _S.OBLIGATION, _S.WITHDRAWN, _S.STOPPED}),
    _S.NOT_RECEIVED: frozenset(),
    _S.PROCESSING: frozenset({_S.SUPPLEMENT, _S.OBLIGATION, _S.WITHDRAWN, _S.STOPPED, _S.FINISHED}),
    _S.SUPPLEMENT: frozenset({_S.SUBMITTED, _S.RECEIVED, _S.PROCESSING, _S.WITHDRAWN, _S.STOPPED}),
    _S.OBLIGATION: frozenset({_S.RECEIVED, _S.PROCESSING, _S.WITHDRAWN, _S.STOPPED}),
    _S.WITHDRAWN: frozenset(),
    _S.STOPPED: frozenset(),
    _S.FINISHED: frozenset({_S.RETURNED}),
    _S.RETURNED: frozenset(),
}

ENDED = frozenset({_S.NOT_RECEIVED, _S.WITHDRAWN, _S.STOPPED, _S.RETURNED})  #: nothing more happens
UNFINISHED = frozenset({_S.SUBMITTED, _S.RECEIVED, _S.PROCESSING, _S.SUPPLEMENT, _S.OBLIGATION})
RUNNING = frozenset({_S.RECEIVED, _S.PROCESSING})  #: the office's clock runs
WAITING = frozenset({_S.SUPPLEMENT, _S.OBLIGATION})  #: the clock stands, the citizen has to act


class InvalidTransitionError(ConflictError):
    """The dossier cannot go from its status to the wished one."""

    code = "invalid-transition"


def check_transition(current: Status, target: Status) -> None:
    """Refuse a move that the table does not know (domain.md §1.15).

    Raises:
        InvalidTransitionError: the move is not in TRANSITIONS.
    """
    if target not in TRANSITIONS[current]:
        raise InvalidTransitionError(
            f"a dossier in status {current.value} ({LABELS[current]}) cannot become {target.value} ({LABELS[target]})",
            status=current.value,
            wanted=target.value,
        )


class Channel(StrEnum):
    """How the dossier was submitted (domain.md §1.3); the value's order is the DVCQG code 1–3."""

    DIRECT = "direct"  #: Trực tiếp
    ONLINE = "online"  #: Trực tuyến
    POSTAL = "postal"  #: Bưu chính công ích


class ResultChannel(StrEnum):
    """How the citizen wants the result (form 01 field 14)."""

    DESK = "desk"
    POSTAL = "postal"
    ONLINE = "online"


class Decision(StrEnum):
    """What the finished processing decided."""

    GRANTED = "granted"
    REFUSED = "refused"  #: not eligible: written refusal of the result


class TaskState(StrEnum):
    """State of a work item."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"  #: the process left it: withdrawn, stopped, refused


class DeadlineKind(StrEnum):
    """What a running limit is about."""

    PROMISE = "promise"  #: the office's limit, printed on the receipt
    ANSWER = "answer"  #: the citizen's limit to supplement, then the dossier is closed
    EXTENSION = "extension"  #: the new date of an apology; beside the promise, never instead of it (domain.md §1.9)


class DeadlineState(StrEnum):
    """Where a limit stands. Late is never stored: it is derived from ``late_after``."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class PauseReason(StrEnum):
    """Why the clock stands still."""

    SUPPLEMENT = "supplement"
    OBLIGATION = "obligation"
    STEP = "step"  #: a step of the procedure that pauses until another resumes, e.g. the tax notice


class ClockPolicy(StrEnum):
    """What a supplement does to the clock (domain.md §1.6)."""

    PAUSE = "pause"
    RESTART = "restart"


class LetterState(StrEnum):
    """Life of a letter of apology."""

    DRAFT = "draft"
    APPROVED = "approved"  #: the content is fixed
    SIGNED = "signed"  #: electronically, by the head
    NUMBERED = "numbered"  #: number and date are given; the seal or the dispatch is still to come
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class Cause(StrEnum):
    """Controlled list of causes of lateness (domain.md §6.4)."""

    RULE = "rule"
    STAFF = "staff"
    COOPERATION = "cooperation"
    DOSSIER = "dossier"
    OTHER = "other"
