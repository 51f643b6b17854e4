"""The simulation lives wider processes: outcomes by the seed, partners, parallel opinions, waits and answers."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import text

from engine.context import Context
from engine.simulation.simulate import simulate
from engine.verification.verify import verify
from tests.support import processes as p

PARTNERS = {"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "PC"}
CODES = ("1.013225", "1.004873", "3.000527")


def lived(ctx: Context) -> Counter[tuple[str, int]]:
    """Let 30 dossiers live for three months; return how many there are of each procedure and status."""
    simulate(ctx, from_on=date(2026, 3, 2), to_on=date(2026, 5, 29), dossiers=30, procedures=CODES, seed=3)
    with ctx.unit_of_work(read_only=True) as uow:
        query = "select procedure.code, status from dossier join procedure on procedure.id = dossier.procedure_id"
        rows = uow.session.execute(text(query)).all()
    return Counter((row[0], row[1]) for row in rows)


def test_wider_processes_are_lived_to_their_end(sqlite_ctx: Context) -> None:
    p.a_reference(sqlite_ctx, "1.013225", partners=PARTNERS)
    p.a_reference(sqlite_ctx, "1.004873")
    p.a_reference(sqlite_ctx, "3.000527", partners={"cong_an": "CA01"})

    found = lived(sqlite_ctx)

    assert (sum(found.values()), {code for code, _ in found}) == (30, set(CODES))
    assert sum(count for (_, status), count in found.items() if status in (3, 7, 8, 9, 10)) >= 24
    assert verify(sqlite_ctx) == []
