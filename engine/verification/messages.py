"""Finding messages to citizens that nothing carries out, or that are not where the outbox says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, select

from engine.domain.events import EventKind
from engine.domain.messages import mobile_number
from engine.store.base import Base
from engine.verification.differences import ROW, Difference
from engine.verification.rows import DOSSIER, EVENT, Row

BATCH = 500
TOPIC = "message."
WAYS = ("email", "sms", "zalo")
WRITERS = ("applicant", "owner")  #: who of a dossier is written to
_MARKS = {  # of the outbox row, by the message's state: whether it is done, whether it was given up
    "queued": (False, False),
    "sent": (True, False),
    "dead": (False, True),
    "lapsed": (True, False),
}


def check(connection: Connection, report: Callable[[Difference], None]) -> None:
    """Report messages without dossier, or without the outbox row that agrees with them; rows without a message.

    What a letter of apology says of its sending is compared with its message. A message is ordered with an event of its
    dossier, and goes to who its people are, unless they were corrected since.
    """
    for messages in _batches(connection):
        orders = _orders(connection, messages)
        known = _dossiers(connection, messages)
        for message in messages:
            if message["dossier_id"] not in known:
                _differ(report, message, ROW, None, "a row", "its dossier does not exist")
            _check_order(report, message, orders.get(str(message["id"])))
        _check_letters(connection, report, messages, orders)
        _check_times(connection, report, messages)
        _check_addresses(connection, report, messages)
    _check_orders(connection, report)
    _check_untold(connection, report)


def _check_untold(connection: Connection, report: Callable[[Difference], None]) -> None:
    letter, message = (Base.metadata.tables[name] for name in ("letter", "message"))
    told = exists().where(
        message.c.dossier_id == letter.c.dossier_id,
        message.c.kind == "apology",
        message.c.subject_no == letter.c.promise_no,
    )
    query = select(letter.c.id, letter.c.dossier_id).where(letter.c.sent_how.in_(WAYS), ~told)
    for key, dossier in connection.execute(query):
        said = "the letter is said to have been sent, no message of it was ordered"
        report(Difference("letter", f"{dossier} {key}", ROW, "a message", None, said, str(dossier)))


def _check_order(report: Callable[[Difference], None], message: Row, order: Row | None) -> None:
    if order is None:
        _differ(report, message, ROW, "an outbox row", None, "nothing carries this message out")
        return
    wanted = _MARKS.get(message["state"])
    found = (order["done_at"] is not None, order["dead_at"] is not None)
    if wanted != found:
        said = order["last_error"] or "the outbox says otherwise"
        _differ(report, message, "state", message["state"], f"done {found[0]}, given up {found[1]}", said)
    if order["topic"] != f"{TOPIC}{message['channel']}":
        _differ(report, message, "channel", order["topic"], message["channel"], "it goes by another channel")
    if order["owner_agency_id"] != message["owner_agency_id"]:
        said = "another agency is said to write"
        _differ(report, message, "owner_agency_id", order["owner_agency_id"], message["owner_agency_id"], said)
    if order["created_at"] != message["ordered_at"]:
        said = "it was put into the outbox at another instant"
        _differ(report, message, "ordered_at", order["created_at"], message["ordered_at"], said)


def _check_letters(
    connection: Connection, report: Callable[[Difference], None], messages: list[Row], orders: dict[str, Row]
) -> None:
    apologies = {(each["dossier_id"], each["subject_no"]): each for each in messages if each["kind"] == "apology"}
    letter = Base.metadata.tables["letter"]
    query = select(letter).where(letter.c.dossier_id.in_([dossier for dossier, _ in apologies]))
    for row in connection.execute(query).mappings() if apologies else ():
        message = apologies.get((row["dossier_id"], row["promise_no"]))
        if message is None:
            continue
        if row["sent_how"] != message["channel"]:
            said = "the letter says that it went another way"
            _differ(report, message, "channel", row["sent_how"], message["channel"], said)
        if row["sent_at"] != message["ordered_at"]:
            said = "the letter was sent at another instant"
            _differ(report, message, "ordered_at", row["sent_at"], message["ordered_at"], said)
        order = orders.get(str(message["id"]))
        carried = order["payload"] if order is not None and isinstance(order["payload"], dict) else {}
        if message["channel"] == "email" and order is not None and carried.get("file_sha256") != row["file_sha256"]:
            said = "another file is sent than the letter's"
            _differ(report, message, "file_sha256", row["file_sha256"], carried.get("file_sha256"), said)
        if message["state"] == "sent" and row["delivered_at"] is None:
            said = "the message of a letter was sent, the letter does not count as delivered"
            _differ(report, message, "state", "delivered", None, said)


def _check_times(connection: Connection, report: Callable[[Difference], None], messages: list[Row]) -> None:
    message, event = Base.metadata.tables["message"], EVENT.table
    with_event = exists().where(event.c.dossier_id == message.c.dossier_id, event.c.at == message.c.ordered_at)
    query = select(message.c.id).where(message.c.id.in_([each["id"] for each in messages]), ~with_event)
    lost = set(connection.scalars(query))
    for each in messages:
        if each["id"] in lost:
            said = "nothing happened to its dossier then that it could tell"
            _differ(report, each, "ordered_at", "the instant of an event", each["ordered_at"], said)


def _check_addresses(connection: Connection, report: Callable[[Difference], None], messages: list[Row]) -> None:
    """Report addresses that are nobody's of the dossier; what stands in the message is never printed.

    One that was ordered before its people were corrected may go to where they were reached then.
    """
    party, event = Base.metadata.tables["party"], EVENT.table
    dossiers = {each["dossier_id"] for each in messages}
    reached: dict[Any, set[str | None]] = defaultdict(set)
    who = select(party).where(party.c.dossier_id.in_(dossiers), party.c.role.in_(WRITERS))
    for row in connection.execute(who).mappings():
        mobile = mobile_number(row["phone"])
        reached[row["dossier_id"], "email"].add(row["email"])
        reached[row["dossier_id"], "sms"].add(mobile)
        reached[row["dossier_id"], "zalo"].add(mobile)
    acts = select(event).where(event.c.dossier_id.in_(dossiers), event.c.kind == EventKind.CORRECTED)
    corrected: dict[Any, datetime] = {}
    for row in connection.execute(acts.order_by(event.c.seq)).mappings():
        if isinstance(row["payload"], dict) and row["payload"].get("people"):
            corrected[row["dossier_id"]] = row["at"]
    for each in messages:
        at = corrected.get(each["dossier_id"])
        known = each["address"] in reached[each["dossier_id"], each["channel"]]
        if not known and (at is None or at < each["ordered_at"]):
            _differ(report, each, "address", "that of its people", "another", "it goes to nobody of the dossier")


def _check_orders(connection: Connection, report: Callable[[Difference], None]) -> None:
    outbox, table = Base.metadata.tables["outbox"], Base.metadata.tables["message"]
    last = 0
    while True:
        query = select(outbox.c.id, outbox.c.topic, outbox.c.business_key).where(
            outbox.c.topic.startswith(TOPIC), outbox.c.id > last
        )
        rows = connection.execute(query.order_by(outbox.c.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1][0]
        keys = {row[2]: _uuid(row[2]) for row in rows}
        ids = [each for each in keys.values() if each is not None]
        known = set(connection.scalars(select(table.c.id).where(table.c.id.in_(ids))))
        for _, topic, key in rows:
            if keys[key] not in known:
                said = "the message of this order does not exist"
                report(Difference("outbox", f"{topic} {key}", ROW, None, "an order", said))


def _batches(connection: Connection) -> Iterator[list[Row]]:
    table = Base.metadata.tables["message"]
    last: UUID | None = None
    while True:
        query = select(table).order_by(table.c.id).limit(BATCH)
        if last is not None:
            query = query.where(table.c.id > last)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if not rows:
            return
        last = rows[-1]["id"]
        yield rows


def _orders(connection: Connection, messages: list[Row]) -> dict[str, Row]:
    outbox = Base.metadata.tables["outbox"]
    topics = [f"{TOPIC}{channel}" for channel in WAYS]
    keys = [str(each["id"]) for each in messages]
    query = select(outbox).where(outbox.c.topic.in_(topics), outbox.c.business_key.in_(keys))
    return {row["business_key"]: dict(row) for row in connection.execute(query).mappings()}


def _dossiers(connection: Connection, messages: list[Row]) -> set[Any]:
    column = DOSSIER.table.c.id
    ids = {each["dossier_id"] for each in messages}
    return set(connection.scalars(select(column).where(column.in_(ids))))


def _differ(
    report: Callable[[Difference], None], message: Row, field: str, expected: object, found: object, said: str
) -> None:
    name = f"{message['dossier_id']} {message['kind']} {message['subject_no']}"
    report(Difference("message", name, field, expected, found, said, str(message["dossier_id"])))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
