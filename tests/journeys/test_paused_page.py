"""The page of a paused dossier names no date of before the pause as if it still counted."""

from __future__ import annotations

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from tests.support import builders as b
from tests.support.forms import text_of
from tests.support.site import PASSWORD, make_site, sign_in


def test_a_paused_dossier_says_so_beside_its_dates_and_its_steps_name_none(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(sqlite_ctx, office)
    people.set_password(sqlite_ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    client = make_site(sqlite_ctx).test_client()
    sign_in(client, "supervisor")
    running = text_of(client.get(f"/ho-so/{dossier['code']}"))
    assert "nên xong trước" in running
    assert "(đang tạm dừng)" not in running

    b.ask_supplement(sqlite_ctx, office, dossier)
    paused = text_of(client.get(f"/ho-so/{dossier['code']}"))
    assert "nên xong trước" not in paused
    assert "06/03/2026 08:00 (đang tạm dừng)" in paused
    assert "· tạm dừng" in paused
