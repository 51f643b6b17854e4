"""``motcua verify`` on what the services wrote: nothing differs, whatever a dossier lived through."""

from __future__ import annotations

import json

from engine.context import Context
from engine.domain.dossier import LetterState
from engine.services import apologies
from engine.verification.verify import examine, verify
from tests.support.lives import live


def _shown(ctx: Context) -> list[str]:
    return [json.dumps(each.as_json(), ensure_ascii=False) for each in verify(ctx)]


def test_verify_finds_nothing_after_lives_of_every_kind(ctx: Context) -> None:
    lives = live(ctx)
    findings = examine(ctx)
    assert [each.as_json() for each in findings.differences] == []
    assert findings.behind == []
    assert findings.counts["dossiers"] == len(lives.ids)
    states = [each["state"] for each in apologies.listed(ctx, by=lives.office.supervisor)]
    assert findings.counts["letters"] == len(states)
    assert findings.counts["letters_not_withdrawn"] == sum(state != LetterState.WITHDRAWN for state in states)
