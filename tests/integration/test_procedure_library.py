"""The library of reference processes: publishing one, its test runs, and what the command says."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bpmn import references
from bpmn.references import ReferenceNotFoundError
from engine.context import Context
from engine.domain import scenarios
from engine.domain.actors import SYSTEM
from engine.seeds import base
from engine.services import delivery, procedure_library, reading, rehearsals
from engine.services.procedure_contents import read_content
from engine.services.procedure_library import UnknownPartnerError
from engine.store.agencies import Agency, AgencyNotFoundError, Unit
from engine.verification.verify import verify
from tests.support.path_replay import a_counter, also, finish, received
from web.cli.main import run

Motcua = Callable[..., tuple[int, str, str]]


@pytest.fixture
def motcua(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Motcua:
    """Runs a command in a migrated database; returns exit status, stdout and stderr."""
    base.ensure(sqlite_ctx)
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))

    def command(*arguments: object) -> tuple[int, str, str]:
        status = run([str(argument) for argument in arguments])
        return (status, *capsys.readouterr())

    return command


@pytest.mark.parametrize("code", references.codes())
def test_the_test_runs_of_a_reference_process_end_as_written(sqlite_ctx: Context, code: str) -> None:
    base.ensure(sqlite_ctx)
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        agency = uow.agencies.default()
        own, named = agency.id, agency.code
    roles = procedure_library.roles_of(references.read(code))
    content = procedure_library.content_of(code, partners=dict.fromkeys(roles, named))
    reading_ = read_content(content)
    assert [finding.as_json() for finding in reading_.findings] == []
    played = rehearsals.run(sqlite_ctx, agency=own, content=reading_, scenarios=scenarios.read(list(content.scenarios)))
    told = [(run_["name"], run_["differences"], run_["trouble"]) for run_ in played if run_["passed"] is not True]
    assert told == []


def test_a_reference_process_goes_to_the_partner_that_is_named(ctx: Context) -> None:
    base.ensure(ctx)
    with ctx.unit_of_work() as uow:
        police = uow.agencies.add(Agency(code="CA01", name="Công an xã", place="Thử"))
        for unit in ("CONG_AN", "TRUONG_CONG_AN"):
            uow.agencies.add_unit(Unit(owner_agency_id=police.id, code=unit, name=unit))
    procedure_library.add(ctx, by=SYSTEM, code="3.000527", partners={"cong_an": "CA01"})
    counter = also(ctx, "3.000527")
    dossier = received(counter, {})
    with ctx.unit_of_work(read_only=True) as uow:
        (task,) = uow.tasks.open_of(uow.dossiers.by_code(dossier["code"]).id)
        assert (task.node, uow.agencies.get(task.owner_agency_id).code) == ("register", "CA01")


def test_three_procedures_of_a_chain_follow_each_other_with_limits_of_their_own(ctx: Context) -> None:
    for code in ("LT297.2", "LT297.3"):
        base.ensure(ctx)
        procedure_library.add(ctx, by=SYSTEM, code=code)
    counter = a_counter(ctx, "LT297.1")
    dossier = received(counter, {})["id"]
    promised = []
    for code in ("LT297.1", "LT297.2", "LT297.3"):
        here = also(ctx, code)
        told = reading.detail(ctx, by=here.actor, dossier=dossier)
        promised.append((told["procedure_code"], told["due_at"]))
        assert finish(here, dossier)["status"] == 10
        for message in delivery.due(ctx, limit=20):
            delivery.deliver(ctx, message_id=message)
        following = reading.detail(ctx, by=here.actor, dossier=dossier)["followed_by"]
        dossier = following[0]["id"] if following else ""
    assert promised == [
        ("LT297.1", "2026-03-05T08:00:00+07:00"),
        ("LT297.2", "2026-03-05T08:00:00+07:00"),  # each limit runs from its own receipt: the same morning here
        ("LT297.3", "2026-03-16T08:00:00+07:00"),
    ]
    assert dossier == ""
    assert verify(ctx) == []


def test_published_twice_a_reference_process_is_one_version(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    first = procedure_library.add(sqlite_ctx, by=SYSTEM, code="1.013225")
    again = procedure_library.add(sqlite_ctx, by=SYSTEM, code="1.013225")
    assert [row["version"] for outcome in (first, again) for row in outcome.published] == [1, 1]


def test_a_partner_or_code_that_is_not_there_is_refused_by_name(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    with pytest.raises(UnknownPartnerError, match="cong_an"):
        procedure_library.add(sqlite_ctx, by=SYSTEM, code="3.000527", partners={"thue": "H00"})
    with pytest.raises(AgencyNotFoundError, match="H99"):
        procedure_library.add(sqlite_ctx, by=SYSTEM, code="3.000527", partners={"cong_an": "H99"})
    with pytest.raises(ReferenceNotFoundError):
        procedure_library.add(sqlite_ctx, by=SYSTEM, code="9.9")


def test_the_library_is_listed_with_partners_and_sources(motcua: Motcua) -> None:
    status, out, err = motcua("procedures", "library", "list")
    assert (status, err) == (0, "")
    assert "3.000527   3 working_day    Đăng ký cai nghiện ma túy tự nguyện" in out
    assert "cong_an (Công an xã)" in out

    status, out, _ = motcua("procedures", "library", "list", "--json")
    listed = json.loads(out)["library"]
    assert [row["code"] for row in listed] == list(references.codes())
    assert all(row["sources"] for row in listed)


def test_a_reference_process_is_published_by_a_command(motcua: Motcua) -> None:
    status, out, err = motcua("procedures", "library", "add", "1.013225", "--partner", "dien_luc=H00")
    assert (status, out, err) == (0, "1.013225: version 1, 21 steps\n", "")
    _, out, _ = motcua("procedures", "library", "add", "1.013225", "--partner", "dien_luc=H00", "--json")
    assert [row["version"] for row in json.loads(out)["published"]] == [1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1.0",), "There is no reference process '1.0'"),
        (("3.000527", "--partner", "thue=H00"), "has no partner 'thue'"),
        (("3.000527", "--partner", "cong_an"), "must be ROLE=AGENCY"),
        (("3.000527", "--agency", "H99"), "H99"),
    ],
)
def test_what_cannot_be_published_is_told_in_one_line(motcua: Motcua, arguments: tuple[str, ...], said: str) -> None:
    status, out, err = motcua("procedures", "library", "add", *arguments)
    assert (status, out) == (2, "")
    assert said in err
