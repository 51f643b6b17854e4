"""Keys with which officers sign and agencies seal: added, shown, retired, and opened by a PIN for one signature.

The secret of a key of a file is kept as the certification authority made it, under its PIN; a PIN is never kept, and
stands in no event, log or error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId, OfficerId
from engine.domain.permissions_letters import APPROVING
from engine.domain.signing import PIN_LONGEST, WRONG_PINS, CertificateFacts, KeyKind, rests_until
from engine.errors import ConflictError, InvalidInputError
from engine.integrations import certificates
from engine.integrations.remote_signer import SignerUnavailableError
from engine.integrations.signing_keys import LARGEST, SigningPinWrongError, open_file
from engine.ports import SigningKey
from engine.services import admin_scope
from engine.services.case import iso
from engine.services.officer_names import OfficerNames
from engine.store.administration import AdminAct
from engine.store.agencies import Agency
from engine.store.people import Officer, OfficerNotFoundError
from engine.store.signatures import WRONG_PIN, SigningKeyNotFoundError
from engine.store.signatures import SigningKey as KeyRow
from engine.store.unit_of_work import UnitOfWork

SEAL = "seal"
LARGEST_FILE = LARGEST  #: bytes of a PKCS#12 file
LONGEST_LABEL = 120
LONGEST_CREDENTIAL = 120

log = structlog.get_logger(__name__)


class SigningKeyMissingError(ConflictError):
    """There is no valid key to sign with."""

    code = "signing-key-missing"


class SigningKeyRestingError(ConflictError):
    """Too many wrong PINs in a row were given for the key; it rests for a while."""

    code = "signing-key-resting"


class NoSignerError(InvalidInputError):
    """No signing service is configured here."""

    code = "no-signer"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose key it is: the seal of an agency, or an officer's for what they sign there."""

    agency: str  #: its code
    username: str | None = None  #: None: the agency's seal


@dataclass(frozen=True, slots=True)
class Known:
    """A key as it is needed between two transactions."""

    id: int
    agency: AgencyId
    kind: KeyKind
    pkcs12: bytes | None
    credential: str | None
    chain: tuple[bytes, ...]
    facts: CertificateFacts


def add_pkcs12(ctx: Context, *, by: Actor, owner: Owner, label: str, content: bytes, pin: str) -> dict[str, Any]:
    """Keep a PKCS#12 file as it is, once the PIN has opened it.

    Raises:
        SigningPinWrongError, SigningKeyUnreadableError: the PIN does not open it, or it holds no key with certificate.
        CertificateUnfitError: the certificate is not in its term, too weak or made for something else.
        AdminFactError, AgencyNotFoundError, OfficerNotFoundError, NotAllowedError.
    """
    _check_owner(ctx, by, owner)  # before anything is opened
    chain = open_file(content, _checked_pin(pin)).certificates
    return _add(ctx, by, owner, label, KeyKind.PKCS12, chain, pkcs12=content)


def add_remote(ctx: Context, *, by: Actor, owner: Owner, label: str, credential: str) -> dict[str, Any]:
    """Note a key of the signing service; its certificate is asked for, its PIN is not.

    Raises:
        NoSignerError: none is configured.
        SignerUnavailableError, SignerRefusedError: it does not answer, or knows no such key.
        CertificateUnfitError, AdminFactError, AgencyNotFoundError, OfficerNotFoundError, NotAllowedError.
    """
    _check_owner(ctx, by, owner)
    name = admin_scope.checked(credential, field="credential", longest=LONGEST_CREDENTIAL)
    if ctx.signer is None:
        raise NoSignerError("no signing service is configured; set MOTCUA_SIGNER_URL and MOTCUA_SIGNER_TOKEN")
    return _add(ctx, by, owner, label, KeyKind.REMOTE, ctx.signer.certificates(name), credential=name)


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the keys of the agencies that the actor administers, and their own; the newest first."""
    with ctx.unit_of_work(read_only=True) as uow:
        administered = {row.id for row in admin_scope.managed(uow, by)}
        rows = uow.signatures.keys(administered | by.agencies)
        mine = [row for row in rows if row.owner_agency_id in administered or (by.id and row.officer_id == by.id)]
        codes = {row.id: row for row in uow.agencies.all()}
        names = OfficerNames(uow)
        return [_view(row, codes[row.owner_agency_id], names, ctx.clock.now()) for row in mine]


def owners(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return for whom the actor may add keys: ``agency``, ``agency_name``, ``username``, ``name`` (None: the seal)."""
    with ctx.unit_of_work(read_only=True) as uow:
        administered = {row.id for row in admin_scope.managed(uow, by)}
        agencies = {row.id: row for row in uow.agencies.all() if row.id in administered | by.agencies}
        seals = [row for row in agencies.values() if row.id in administered]
        found: list[tuple[Agency, Officer | None]] = [(row, None) for row in seals]
        for officer_id, agency_id in sorted({each[:2] for each in _signers(uow, agencies)}):
            if agency_id in administered or officer_id == by.id:
                found.append((agencies[agency_id], uow.people.get(officer_id)))
        return [
            {
                "agency": agency.code,
                "agency_name": agency.name,
                "username": officer.username if officer else None,
                "name": officer.name if officer else None,
            }
            for agency, officer in sorted(found, key=lambda each: (each[0].code, each[1].name if each[1] else ""))
        ]


def _signers(uow: UnitOfWork, agencies: Mapping[AgencyId, Agency]) -> list[tuple[OfficerId, AgencyId, Role]]:
    return [each for each in uow.people.grants(agencies.keys()) if each[2] in APPROVING]


def retire(ctx: Context, *, by: Actor, key_id: int) -> dict[str, Any]:
    """Put a key out of use; what was signed with it stays signed. Once retired it stays so.

    Raises:
        SigningKeyNotFoundError: there is none, or it is not the actor's.
    """
    with ctx.unit_of_work() as uow:
        row = uow.signatures.key(key_id)
        agency = uow.agencies.get(row.owner_agency_id)
        if not _may_keep(uow, by, agency, row.officer_id):
            raise SigningKeyNotFoundError(f"there is no signing key {key_id}")
        if row.retired_at is None:
            row.retired_at = ctx.clock.now()
            facts = {"key": row.id, "label": row.label}
            admin_scope.note(
                uow, by=by, at=row.retired_at, agency=agency, kind="signing-key.retired", subject=row.label, facts=facts
            )
        return _view(row, agency, OfficerNames(uow), ctx.clock.now())


def in_use(uow: UnitOfWork, *, agency: AgencyId, officer: OfficerId | None, at: datetime) -> Known:
    """Return with which key an officer signs for an agency; None: the agency's seal.

    Raises:
        SigningKeyMissingError: there is none that is valid.
        SigningKeyRestingError: it rests.
    """
    row = uow.signatures.in_use(agency, officer, at)
    if row is None:
        whose = SEAL if officer is None else "officer"
        raise SigningKeyMissingError(f"there is no valid key of the {whose}; have one added", whose=whose)
    until = rests_until(uow.signatures.wrong_pins(row), at)
    if until is not None:
        raise SigningKeyRestingError(
            f"the PIN was wrong {WRONG_PINS} times; the key rests until {iso(until)}", until=iso(until), field="pin"
        )
    chain = certificates.from_pem(row.certificate)
    facts = certificates.facts(chain[0])
    return Known(row.id, row.owner_agency_id, KeyKind(row.kind), row.pkcs12, row.credential, chain, facts)


def opened(ctx: Context, known: Known, pin: str) -> SigningKey:
    """Open a key; the PIN of one at the signing service is asked for with each signature.

    Raises:
        SigningPinWrongError: the PIN does not open it.
        SignerUnavailableError: the key is at a signing service, and none is configured.
    """
    checked = _checked_pin(pin)
    if known.kind is KeyKind.PKCS12:
        return open_file(known.pkcs12 or b"", checked)
    if ctx.signer is None:
        raise SignerUnavailableError("the key is at a signing service, and none is configured here")
    return ctx.signer.opened(known.credential or "", known.chain, checked)


def note_wrong_pin(ctx: Context, *, by: Actor, known: Known) -> int:
    """Write down that a wrong PIN was given, and return how many more may be; at none left the key rests."""
    with ctx.unit_of_work() as uow:
        row = uow.signatures.key(known.id)
        before = len(uow.signatures.wrong_pins(row))
        uow.administration.add(
            AdminAct(
                owner_agency_id=known.agency,
                kind=WRONG_PIN,
                subject=str(known.id),
                facts={"key": known.id, "label": row.label},
                ground="",
                made_by=by.id,
                made_at=ctx.clock.now(),
            )
        )
    log.warning("signing_key.pin_wrong", key=known.id, by=by.id)
    return max(0, WRONG_PINS - before - 1)


def _checked_pin(pin: str) -> str:
    if not 0 < len(pin) <= PIN_LONGEST:
        raise SigningPinWrongError("type the PIN of the key", field="pin")
    return pin


def _check_owner(ctx: Context, by: Actor, owner: Owner) -> None:
    with ctx.unit_of_work(read_only=True) as uow:
        _owner(uow, by, owner)


def _owner(uow: UnitOfWork, by: Actor, owner: Owner) -> tuple[Agency, Officer | None]:
    agency = uow.agencies.by_code(owner.agency)
    officer = None if owner.username is None else uow.people.find(owner.username)
    if owner.username is not None and officer is None:
        raise OfficerNotFoundError(f"there is no officer with the sign-in name {owner.username!r}", field="officer")
    if not _may_keep(uow, by, agency, officer.id if officer else None):
        permissions.check_can_administer(by, agency=agency.id)
    return agency, officer


def _may_keep(uow: UnitOfWork, by: Actor, agency: Agency, officer: OfficerId | None) -> bool:
    if officer is not None and officer == by.id:
        return by.holds(agency.id, (*APPROVING, Role.ADMIN))
    return by.is_system or agency.id in {row.id for row in admin_scope.managed(uow, by)}


def _add(
    ctx: Context, by: Actor, owner: Owner, label: str, kind: KeyKind, chain: tuple[bytes, ...], **where: Any
) -> dict[str, Any]:
    now = ctx.clock.now()
    certificates.check_fit(chain[0], now)
    facts = certificates.facts(chain[0])
    with ctx.unit_of_work() as uow:
        agency, officer = _owner(uow, by, owner)
        row = KeyRow(
            owner_agency_id=agency.id,
            officer_id=officer.id if officer else None,
            kind=kind.value,
            label=admin_scope.checked(label or facts.name[:LONGEST_LABEL], field="label", longest=LONGEST_LABEL),
            certificate=certificates.to_pem(chain),
            valid_to=facts.valid_to,
            added_by=by.id,
            added_at=now,
            **where,
        )
        uow.signatures.add(row)
        said = {"key": row.id, "kind": row.kind, "certificate": facts.sha256, "officer": owner.username or SEAL}
        admin_scope.note(uow, by=by, at=now, agency=agency, kind="signing-key.added", subject=row.label, facts=said)
        return _view(row, agency, OfficerNames(uow), now)


def _view(row: KeyRow, agency: Agency, names: OfficerNames, now: datetime) -> dict[str, Any]:
    facts = certificates.facts(certificates.from_pem(row.certificate)[0])
    return {
        "id": row.id,
        "agency": agency.code,
        "agency_name": agency.name,
        "officer": names.of(row.officer_id),
        "is_seal": row.officer_id is None,
        "kind": row.kind,
        "label": row.label,
        "subject": facts.subject,
        "issuer": facts.issuer,
        "serial": facts.serial,
        "sha256": facts.sha256,
        "valid_from": iso(facts.valid_from),
        "valid_to": iso(facts.valid_to),
        "usable": row.retired_at is None and facts.is_valid(now),
        "added_by": names.of(row.added_by),
        "added_at": iso(row.added_at),
        "retired_at": iso(row.retired_at),
    }
