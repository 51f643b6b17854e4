"""What messages to citizens say: one text of each kind in two languages, long for e-mail, short for a telephone.

They name the dossier, never its people: a message is read on locked screens and by providers (decision 0013). Values
are put in as text of one line; nothing in them is a template, a header or a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from engine.domain.messages import MessageKind, Way, one_line, without_marks

SHORT_AGENCY = 60  #: characters of the sender's name in a short message
SHORT_CODE = 60  #: as the column of the code
SHORT_NOTICE, LONG_NOTICE = 100, 300  #: characters of a notice that a process words itself
NOTICES = {  # what a process says by name; any other text it says itself
    "vi": {
        "confirm-draft": "Có bản dự thảo kết quả. Đề nghị kiểm tra và xác nhận.",
        "measurement": "Có lịch đo đạc. Đề nghị có mặt theo giấy mời.",
        "posting": "Hồ sơ đang được niêm yết công khai theo quy định.",
        "meeting": "Có giấy mời làm việc. Đề nghị có mặt theo giấy mời.",
        "other": "Hồ sơ có thông tin mới.",
    },
    "en": {
        "confirm-draft": "There is a draft of the result. Please check and confirm it.",
        "measurement": "A survey is scheduled. Please attend as the invitation says.",
        "posting": "The dossier is on public display as the rules demand.",
        "meeting": "There is an invitation to a meeting. Please attend as it says.",
        "other": "There is news about the dossier.",
    },
}


@dataclass(frozen=True, slots=True)
class Told:
    """A text of one kind in one language; names in braces are those of ``MessageValues``."""

    subject: str  # of an e-mail
    text: str  # after the dossier's name, with one line for what to do
    short: str  # the whole short message, without where to look


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageValues:
    """What a message may say of its dossier; no name, number or address of a person is among it."""

    code: str | None  # None: the dossier has none yet
    procedure: str
    agency: str  # who writes
    place: str  # where people come to
    due_at: datetime | None = None  # the promise, or the new date of an apology
    tracking_url: str | None = None
    notice: str = ""  # of kind NOTICE: a name in ``NOTICES``, or a sentence of the procedure's own
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Composed:
    """A message as it is sent; a short one has no subject."""

    subject: str
    text: str


_K = MessageKind
_VI: Mapping[MessageKind, Told] = {
    _K.RECEIVED: Told(
        "{dossier}: đã được tiếp nhận", "Hồ sơ đã được tiếp nhận.{due}", "{dossier} đã được tiếp nhận.{due}"
    ),
    _K.SUPPLEMENT: Told(
        "{dossier}: cần bổ sung giấy tờ",
        "Hồ sơ cần bổ sung giấy tờ theo Phiếu yêu cầu bổ sung. Đề nghị liên hệ {place}.",
        "{dossier} cần bổ sung giấy tờ. Đề nghị liên hệ {place}.",
    ),
    _K.OBLIGATION: Told(
        "{dossier}: thông báo nghĩa vụ tài chính",
        "Có thông báo nghĩa vụ tài chính. Đề nghị nộp tiền theo thông báo.",
        "{dossier} có thông báo nghĩa vụ tài chính. Đề nghị nộp tiền theo thông báo.",
    ),
    _K.REFUSED: Told(
        "{dossier}: không đủ điều kiện giải quyết",
        "Hồ sơ không đủ điều kiện tiếp nhận, giải quyết. Đề nghị đến {place} nhận văn bản trả lời nêu rõ lý do.",
        "{dossier} không đủ điều kiện tiếp nhận, giải quyết. Đề nghị đến {place} nhận văn bản trả lời.",
    ),
    _K.APOLOGY: Told(
        "Xin lỗi về việc chậm trả kết quả: {dossier}",
        "Chúng tôi xin lỗi Ông/Bà vì hồ sơ được giải quyết chậm hạn.{due}\nVăn bản xin lỗi nêu rõ lý do{enclosed}.",
        "Xin lỗi Ông/Bà vì chậm trả kết quả. {dossier}.{due}",
    ),
    _K.RESULT_READY: Told(
        "{dossier}: đã có kết quả",
        "Đã có kết quả giải quyết. Đề nghị đến {place} nhận kết quả, mang theo giấy tiếp nhận và giấy tờ tùy thân.",
        "{dossier} đã có kết quả. Đề nghị đến {place} nhận, mang theo giấy tiếp nhận và giấy tờ tùy thân.",
    ),
    _K.STOPPED: Told(
        "{dossier}: dừng giải quyết",
        "Hồ sơ đã dừng giải quyết. Đề nghị đến {place} nhận thông báo nêu rõ lý do.",
        "{dossier} đã dừng giải quyết. Đề nghị đến {place} nhận thông báo.",
    ),
    _K.NOTICE: Told("{dossier}: thông báo", "{notice}", "{dossier}: {notice}"),
}
_EN: Mapping[MessageKind, Told] = {
    _K.RECEIVED: Told(
        "{dossier}: received", "The dossier has been received.{due}", "{dossier} has been received.{due}"
    ),
    _K.SUPPLEMENT: Told(
        "{dossier}: papers are missing",
        "Papers are missing; the supplement request names them. Please contact {place}.",
        "{dossier}: papers are missing. Please contact {place}.",
    ),
    _K.OBLIGATION: Told(
        "{dossier}: a payment is due",
        "There is a payment notice. Please pay as it says.",
        "{dossier}: there is a payment notice. Please pay as it says.",
    ),
    _K.REFUSED: Told(
        "{dossier}: cannot be granted",
        "The dossier cannot be received or granted. Please collect the written reply with its reasons at {place}.",
        "{dossier} cannot be received or granted. Please collect the written reply at {place}.",
    ),
    _K.APOLOGY: Told(
        "Our apology for a late result: {dossier}",
        "We apologise: the dossier is late.{due}\nThe letter of apology says why{enclosed}.",
        "We apologise: {dossier} is late.{due}",
    ),
    _K.RESULT_READY: Told(
        "{dossier}: the result is ready",
        "The result is ready. Please collect it at {place} with your receipt and an identity document.",
        "{dossier}: the result is ready. Please collect it at {place} with your receipt and identity document.",
    ),
    _K.STOPPED: Told(
        "{dossier}: processing has stopped",
        "The dossier is processed no further. Please collect the notice with its reasons at {place}.",
        "{dossier} is processed no further. Please collect the notice at {place}.",
    ),
    _K.NOTICE: Told("{dossier}: notice", "{notice}", "{dossier}: {notice}"),
}
TEXTS = {"vi": _VI, "en": _EN}
_DOSSIER = {"vi": ("Hồ sơ {code}", "Hồ sơ chờ tiếp nhận"), "en": ("Dossier {code}", "Your filed dossier")}
_DUE = {
    "vi": {_K.RECEIVED: " Hẹn trả kết quả: {at}.", _K.APOLOGY: " Hẹn lại: {at}."},
    "en": {_K.RECEIVED: " The result is due: {at}.", _K.APOLOGY: " New date: {at}."},
}
_ENCLOSED = {"vi": (" được gửi kèm thư này", " sẽ được gửi đến Ông/Bà"), "en": (", see the attachment", "; it follows")}
_MAIL = {
    "vi": "Kính gửi Ông/Bà,\n\n{dossier} ({procedure}).\n{said}\n{look}\n{agency}\n",
    "en": "Dear Sir or Madam,\n\n{dossier} ({procedure}).\n{said}\n{look}\n{agency}\n",
}
_LOOK = {"vi": "Tra cứu: {url}", "en": "See: {url}"}


def compose(
    kind: MessageKind, values: MessageValues, *, way: Way, language: str, has_attachment: bool = False
) -> Composed:
    """Return the message of a kind as a channel carries it.

    A short message is written without marks for SMS, where each marked letter would more than double its price, and
    with them for Zalo.

    Args:
        language: ``vi`` or ``en``.
        has_attachment: the paper that it speaks of goes with it.
    """
    told, named = TEXTS[language][kind], _DOSSIER[language][0 if values.code else 1]
    is_mail = way is Way.EMAIL
    longest = None if is_mail else SHORT_AGENCY
    said = {
        "dossier": named.format(code=one_line(values.code or "")[:SHORT_CODE]),
        "place": one_line(values.place)[:longest],
        "due": _due(kind, values, language),
        "enclosed": _ENCLOSED[language][0 if has_attachment else 1],
        "notice": _notice(values.notice, language, longest=LONG_NOTICE if is_mail else SHORT_NOTICE),
    }
    look = _LOOK[language].format(url=values.tracking_url) if values.tracking_url else ""
    if is_mail:
        text = _MAIL[language].format(
            dossier=said["dossier"],
            procedure=one_line(values.procedure),
            said=told.text.format(**said),
            look=f"{look}\n" if look else "",
            agency=one_line(values.agency),
        )
        return Composed(subject=told.subject.format(**said), text=text)
    text = " ".join(part for part in (told.short.format(**said), look) if part)
    return Composed(subject="", text=without_marks(text) if way is Way.SMS else text)


def _notice(said: str, language: str, *, longest: int) -> str:
    known = NOTICES[language]
    if said in known:
        return known[said]
    own = one_line(said)
    return own[:longest] if " " in own else known["other"]  # one word is a name that nobody here knows


def _due(kind: MessageKind, values: MessageValues, language: str) -> str:
    wording = _DUE[language].get(kind)
    if wording is None or values.due_at is None:
        return ""
    return wording.format(at=values.due_at.astimezone(values.zone).strftime("%H:%M %d/%m/%Y"))
