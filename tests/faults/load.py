"""Clients that journal what they ask for: what was answered, what was refused, and what nobody knows yet."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tests.faults.parts import PATIENCE
from tests.support.builders import LAST_STEP

Answer = tuple[int, Any]


class UnavailableError(Exception):
    """The server says that it cannot now."""


UNKNOWN = (OSError, http.client.HTTPException)


@dataclass
class Entry:
    """One request: a key, and what came of it."""

    key: str
    act: str  # the last word of its path
    path: str
    who: str
    body: dict[str, Any]
    answer: Answer | None = None
    lost: int = 0  # times it was sent and no answer came back

    @property
    def acknowledged(self) -> bool:
        """Whether the server said that it is done."""
        return self.answer is not None and self.answer[0] < 300


@dataclass
class Load:
    """Four clients on one server."""

    port: int
    tokens: dict[str, str]
    journal: list[Entry] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    troubles: list[str] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)  # codes of answers 503
    in_flight: int = 0

    def acknowledged(self) -> list[Entry]:
        """Return what the server said is done, in the order in which it was asked for."""
        return [entry for entry in list(self.journal) if entry.acknowledged]

    def lost(self) -> int:
        """Return how many requests were sent and had no answer at first."""
        return sum(entry.lost for entry in list(self.journal))

    def counts(self) -> Counter[str]:
        """Return what is done by kind of act."""
        return Counter(entry.act for entry in self.acknowledged())

    def ask(self, who: str, path: str, body: dict[str, Any], key: str) -> Any:
        """Send a request until it is answered, always under the same key; return the answer's body."""
        entry = Entry(key, path.rsplit("/", 1)[-1], path, who, body)
        self.journal.append(entry)
        entry.answer = self.answer_of(entry)
        return entry.answer[1]

    def answer_of(self, entry: Entry) -> Answer:
        """Send an entry until it is answered."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.connect()
            except OSError:
                time.sleep(0.05)  # nobody there: nothing was asked
                continue
            try:
                return self._send(connection, entry)
            except UNKNOWN:
                entry.lost += 1
            except UnavailableError as error:
                self.unavailable.append(str(error))
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError(f"no answer to {entry.path}")

    def _send(self, connection: http.client.HTTPConnection, entry: Entry) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.tokens[entry.who]}",
            "Idempotency-Key": entry.key,
            "Content-Type": "application/json",
        }
        self.in_flight += 1
        try:
            connection.request("POST", f"/api/v1{entry.path}", json.dumps(entry.body), headers)
            response = connection.getresponse()
            body = json.loads(response.read())
            if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise UnavailableError(body["code"])
            return response.status, body
        finally:
            self.in_flight -= 1

    def work(self, client: int) -> None:
        """Live dossiers one after another until told to stop; what goes wrong is kept for the test."""
        number = 0
        try:
            while not self.stop.is_set():
                _Life(self, f"{client}-{number}").live(number % 4)
                number += 1
        except Exception as error:
            self.troubles.append(f"client {client}: {error!r}")


class _Life:
    """What one client does with one dossier."""

    def __init__(self, load: Load, name: str) -> None:
        self._load = load
        self._name = name
        self._step = 0
        self._state = self._ask("desk", "/dossiers", a_filing(name))

    def _ask(self, who: str, path: str, body: dict[str, Any]) -> Any:
        self._step += 1
        return self._load.ask(who, path, body, f"{self._name}-{self._step}")

    def _act(self, who: str, act: str, body: dict[str, Any]) -> None:
        self._state = self._ask(who, f"/dossiers/{self._state['id']}/{act}", body)

    def live(self, course: int) -> None:
        if course == 0:
            self._act("officer", "supplement-requests", {"items": ["Bản sao"], "reason": "Còn thiếu"})
            self._act("desk", "supplements", {"components": [{"name": "Bản sao"}]})
        elif course == 1:
            self._act("desk", "withdrawal", {})
            self._act("desk", "withdrawal", {"reason": "Lần hai"})  # refused: it has ended
        elif course == 2:
            self._do_task()
            self._do_task_again()
        else:
            while self._state["open_tasks"][0]["name"] != LAST_STEP:
                self._do_task()
            self._act("desk", "handover", {"name": "Nguyễn Văn Thử"})

    def _do_task(self) -> None:
        task = self._state["open_tasks"][0]
        who = {"PHONG_TU_PHAP": "officer", "LANH_DAO": "approver", "BP_MOT_CUA": "desk"}[task["unit"]]
        self._done = (who, f"/tasks/{task['id']}/completion")
        self._state = self._ask(*self._done, {"note": self._name})

    def _do_task_again(self) -> None:
        self._ask(*self._done, {"note": "lần hai"})  # refused: it is gone


def a_filing(name: str) -> dict[str, Any]:
    """Return the body that receives a dossier; its case is the name."""
    return {
        "procedure_code": "TP99",
        "channel": "direct",
        "case": name,
        "applicant": {"name": "Nguyễn Văn Thử", "identity_number": "031090000001"},
        "components": [{"name": "Tờ khai"}],
    }
