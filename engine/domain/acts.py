"""What an officer can do with a dossier; each is one service call and one form of its page."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What an officer can do with a dossier, in the order in which the page offers it."""

    RECEIVE = "receive"
    TAKE_SUPPLEMENT = "take-supplement"
    SETTLE = "settle"
    HAND_OVER = "hand-over"
    COMPLETE = "complete"
    CLAIM = "claim"
    RELEASE = "release"
    GIVE_OPINION = "give-opinion"
    ANSWER = "answer"
    NOTIFY_RESULT = "notify-result"
    POST_RESULT = "post-result"
    CONFIRM_DELIVERY = "confirm-delivery"
    TAKE_BACK = "take-back"
    SEND_BACK = "send-back"
    SUPPLEMENT = "supplement"
    OBLIGATION = "obligation"
    ASK_OPINION = "ask-opinion"
    TRANSFER = "transfer"
    ASSIGN = "assign"
    URGE = "urge"
    ESCALATE = "escalate"
    APOLOGISE = "apologise"
    LATE_CAUSE = "late-cause"
    SUGGEST_REFUSAL = "suggest-refusal"
    DECLINE_REFUSAL = "decline-refusal"
    REFUSE_RECEPTION = "refuse-reception"
    REFUSE = "refuse"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    STOP = "stop"
    ADD_PAPER = "add-paper"
    NOTE = "note"


OF_HISTORY = frozenset({Act.LATE_CAUSE, Act.NOTE})  #: what is done with a dossier of another system
PRIMARY = (
    Act.RECEIVE, Act.TAKE_SUPPLEMENT, Act.SETTLE, Act.HAND_OVER, Act.COMPLETE, Act.GIVE_OPINION, Act.ANSWER,
    Act.CONFIRM_DELIVERY,
)  # fmt: skip
