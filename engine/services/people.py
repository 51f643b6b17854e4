"""People: officers sign in, are added and disabled; bearer tokens."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId, OfficerId
from engine.domain.permissions_people import (
    PASSWORD_MAX,
    NotPeopleAdminError,
    check_can_list_people,
    check_can_manage_people,
    checked_password,
    checked_username,
    normal_password,
    normal_username,
)
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from engine.services import admin_scope
from engine.store import signed_in
from engine.store.agencies import Agency, UnitNotFoundError
from engine.store.people import ApiToken, Officer, OfficerNotFoundError
from engine.store.signed_in import SignedIn
from engine.store.unit_of_work import UnitOfWork

TOKEN_PREFIX = "mc_"  # noqa: S105 - lets secret scanners find a leaked token; not a secret itself

_hasher = PasswordHasher()
_hashing = threading.BoundedSemaphore(4)  # a hash takes 64 MiB: a crowd of guessers waits in line
_NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(32))  # verified when there is no hash: the same work, the same time


class SignInRefusedError(ForbiddenError):
    """Name and password do not open an account; the same for unknown, wrong and disabled."""

    code = "sign-in-refused"


class UsernameTakenError(ConflictError):
    """Another officer has this sign-in name."""

    code = "username-taken"


class InvalidOfficerError(InvalidInputError):
    """A fact about the officer is missing or malformed."""

    code = "invalid-officer"


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """What a screen may know of an officer."""

    id: OfficerId
    username: str
    name: str
    title: str
    email: str | None
    is_active: bool
    epoch: int  #: rises when all sessions of the account end
    agency_id: AgencyId
    agency_code: str
    agency_name: str
    zone: str  #: IANA name of the agency's time zone
    actor: Actor


def sign_in(ctx: Context, *, username: str, password: str) -> OfficerFacts:
    """Return the officer whom name and password name. Takes the same time and says the same on every refusal.

    Raises:
        SignInRefusedError: unknown name, wrong password, no password set, or a disabled account.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        officer = uow.people.find(normal_username(username))
        facts = _facts(uow, officer) if officer is not None else None
        password_hash = officer.password_hash if officer is not None else None
    # Outside the transaction: hashing takes a tenth of a second on purpose.
    right = _verify(password_hash, password)
    if facts is None or not right or not facts.is_active:
        raise SignInRefusedError("the sign-in name or the password is wrong")
    return facts


def sign_out(ctx: Context, *, by: Actor) -> None:
    """End all sessions of the actor's account, so that a copied cookie is worth nothing (ASVS 5.0 §7.4.1)."""
    if by.id is None:
        raise SignInRefusedError("the system has no session to end")
    with ctx.unit_of_work() as uow:
        uow.people.get(by.id).session_epoch += 1


def facts_for_session(ctx: Context, *, officer_id: OfficerId, epoch: int) -> OfficerFacts | None:
    """Return the officer of a live session; None when the account is gone, disabled or its sessions were ended."""
    with ctx.unit_of_work(read_only=True) as uow:
        found = signed_in.by_id(uow.session, officer_id, at=ctx.clock.now())
        return None if found is None or found.officer.session_epoch != epoch else _facts_if_live(found)


def facts_for_token(ctx: Context, *, token: str) -> OfficerFacts | None:
    """Return the officer of a bearer token; None when it is unknown, revoked or its account disabled."""
    with ctx.unit_of_work(read_only=True) as uow:
        found = signed_in.by_token(uow.session, _token_hash(token), at=ctx.clock.now())
        return None if found is None else _facts_if_live(found)


def add_officer(
    ctx: Context,
    *,
    by: Actor,
    username: str,
    name: str,
    roles: Sequence[Role],
    agency_code: str | None = None,
    agency_id: AgencyId | None = None,
    unit_codes: Sequence[str] = (),
    password: str | None = None,
    title: str = "",
    email: str | None = None,
) -> OfficerFacts:
    """Add an officer to an agency (by code or id; the default agency when neither is given), with roles and units.

    Without a password nobody can sign in as them until one is set.

    Raises:
        NotPeopleAdminError: ``by`` is no administrator of the agency or of one above it.
        AgencyNotFoundError: there is no such agency.
        UnitNotFoundError: the agency has no unit of that code.
        InvalidUsernameError, WeakPasswordError, InvalidOfficerError: a fact is malformed.
        UsernameTakenError: another officer has the name.
    """
    # Before the transaction: hashing takes a tenth of a second on purpose, and SQLite has one writer.
    password_hash = None if password is None else _hash(password, checked_username(username))
    with ctx.unit_of_work() as uow:
        agency = _agency(uow, agency_code, agency_id)
        if agency.id not in _managed_agencies(uow, by):
            check_can_manage_people(by, agency=agency.id)
        officer = uow.people.add(
            Officer(
                owner_agency_id=agency.id,
                username=_free_username(uow, username),
                name=_checked_text(name, field="name", longest=120),
                title=_checked_text(title, field="title", longest=120, shortest=0),
                email=checked_email(email),
                password_hash=password_hash,
                is_active=True,
                session_epoch=0,
                created_at=ctx.clock.now(),
            )
        )
        for role in roles:
            uow.people.grant(officer.id, agency.id, role)
        _join_units(uow, officer, agency, unit_codes)
        _note(ctx, uow, by, officer, "officer.added")
        return _facts(uow, officer)


def set_password(ctx: Context, *, by: Actor, username: str, password: str) -> None:
    """Set an officer's password and end their sessions.

    Raises:
        NotPeopleAdminError: ``by`` is no administrator of the officer's agency or of one above it, or the officer acts
            where ``by`` administers nothing, too.
        OfficerNotFoundError: there is no such officer, or ``by`` may not know of them.
        WeakPasswordError: the password is too short, too long or common.
    """
    password_hash = _hash(password, normal_username(username))
    with ctx.unit_of_work() as uow:
        officer = _managed(uow, by, username, to_act_as=True)
        officer.password_hash = password_hash
        officer.session_epoch += 1
        _note(ctx, uow, by, officer, "officer.password")


def disable(ctx: Context, *, by: Actor, username: str) -> None:
    """Disable an account: its sessions and tokens stop at their next request. Doing it twice changes nothing.

    Raises:
        NotPeopleAdminError, OfficerNotFoundError: see ``set_password``.
    """
    with ctx.unit_of_work() as uow:
        officer = _managed(uow, by, username)
        if officer.is_active:
            officer.is_active = False
            officer.session_epoch += 1


def create_token(ctx: Context, *, by: Actor, username: str, label: str = "") -> str:
    """Return a new bearer token for an officer; it is shown this once, only its hash is kept.

    Raises:
        NotPeopleAdminError, OfficerNotFoundError: see ``set_password``.
    """
    with ctx.unit_of_work() as uow:
        officer = _managed(uow, by, username, to_act_as=True)
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        uow.people.add_token(
            ApiToken(
                owner_agency_id=officer.owner_agency_id,
                officer_id=officer.id,
                token_hash=_token_hash(token),
                label=_checked_text(label, field="label", longest=120, shortest=0),
                created_at=ctx.clock.now(),
            )
        )
        _note(ctx, uow, by, officer, "officer.token")
        return token


def revoke_tokens(ctx: Context, *, by: Actor, username: str) -> int:
    """Revoke all bearer tokens of an account; return how many were still good. New ones can be made.

    Raises:
        NotPeopleAdminError, OfficerNotFoundError: see ``set_password``.
    """
    with ctx.unit_of_work() as uow:
        return uow.people.revoke_tokens(_managed(uow, by, username).id, ctx.clock.now())


def list_officers(ctx: Context, *, by: Actor, agency_code: str | None = None) -> list[OfficerFacts]:
    """Return the officers of one agency, or of all agencies whose people ``by`` may see, by id.

    Raises:
        NotPeopleAdminError: ``by`` may not see the people of the agency named.
        AgencyNotFoundError: there is no such agency.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        if agency_code is not None:
            agency = uow.agencies.by_code(agency_code)
            check_can_list_people(by, agency=agency.id)
            return [_facts(uow, officer) for officer in uow.people.all(agency.id)]
        return [_facts(uow, officer) for officer in uow.people.all() if _may_list(by, officer.owner_agency_id)]


def _facts_if_live(found: SignedIn) -> OfficerFacts | None:
    return _told(found.officer, found.agency, found.actor) if found.officer.is_active else None


def _facts(uow: UnitOfWork, officer: Officer) -> OfficerFacts:
    return _told(officer, uow.agencies.get(officer.owner_agency_id), uow.people.actor(officer.id))


def _told(officer: Officer, agency: Agency, actor: Actor) -> OfficerFacts:
    return OfficerFacts(
        id=officer.id,
        username=officer.username,
        name=officer.name,
        title=officer.title,
        email=officer.email,
        is_active=officer.is_active,
        epoch=officer.session_epoch,
        agency_id=agency.id,
        agency_code=agency.code,
        agency_name=agency.name,
        zone=agency.zone,
        actor=actor,
    )


def _agency(uow: UnitOfWork, code: str | None, agency_id: AgencyId | None) -> Agency:
    if agency_id is not None:
        return uow.agencies.get(agency_id)
    return uow.agencies.by_code(code) if code is not None else uow.agencies.default()


def _join_units(uow: UnitOfWork, officer: Officer, agency: Agency, codes: Sequence[str]) -> None:
    for code in codes:
        unit = uow.agencies.find_unit(agency.id, code)
        if unit is None:
            raise UnitNotFoundError(f"agency {agency.code} has no unit with code {code!r}", unit=code)
        uow.people.join(officer.id, unit.id, agency.id)


def acts_elsewhere(uow: UnitOfWork, by: Actor, officer: Officer) -> list[str]:
    """Return the codes of the agencies where the officer holds a role and ``by`` administers nothing, sorted.

    Who gives such an account a password could act there in its name.
    """
    if by.id == officer.id:
        return []
    beyond = uow.people.actor(officer.id).agencies - _managed_agencies(uow, by)
    return sorted(row.code for row in uow.agencies.some(beyond).values())


def _managed(uow: UnitOfWork, by: Actor, username: str, *, to_act_as: bool = False) -> Officer:
    officer = uow.people.find(normal_username(username))
    inside = _managed_agencies(uow, by)
    if officer is None or officer.owner_agency_id not in inside | by.agencies:
        raise OfficerNotFoundError(f"there is no officer with the sign-in name {username!r}", username=username)
    if officer.owner_agency_id not in inside:
        check_can_manage_people(by, agency=officer.owner_agency_id)
    beyond = acts_elsewhere(uow, by, officer) if to_act_as else []
    if beyond:
        message = f"{officer.username} acts in {', '.join(beyond)}, too; ask an administrator above"
        raise NotPeopleAdminError(message, agencies=beyond)
    return officer


def _managed_agencies(uow: UnitOfWork, by: Actor) -> frozenset[AgencyId]:
    return frozenset(row.id for row in admin_scope.managed(uow, by))


def _note(ctx: Context, uow: UnitOfWork, by: Actor, officer: Officer, kind: str) -> None:
    """Write down what an administrator did to an account; what the system does at set-up is none of their acts."""
    if not by.is_system:
        home = uow.agencies.get(officer.owner_agency_id)
        at = ctx.clock.now()
        admin_scope.note(uow, by=by, at=at, agency=home, kind=kind, subject=officer.username, facts={})


def _may_list(by: Actor, agency_id: AgencyId) -> bool:
    try:
        check_can_list_people(by, agency=agency_id)
    except ForbiddenError:
        return False
    return True


def _free_username(uow: UnitOfWork, text: str) -> str:
    username = checked_username(text)
    if uow.people.find(username) is not None:
        raise UsernameTakenError(f"the sign-in name {username!r} is taken; choose another", username=username)
    return username


def _checked_text(text: str, *, field: str, longest: int, shortest: int = 1) -> str:
    value = " ".join(text.split())
    if not shortest <= len(value) <= longest or not value.isprintable():
        raise InvalidOfficerError(f"{field} has {shortest} to {longest} printable characters", field=field)
    return value


def checked_email(email: str | None) -> str | None:
    """Return an address that mail can be sent to, or None where none is given.

    Raises:
        InvalidOfficerError: it is none.
    """
    if email is None or not email.strip():
        return None
    value = email.strip()
    if len(value) > 200 or value.count("@") != 1 or not value.isprintable() or " " in value:
        raise InvalidOfficerError("an e-mail address is written name@domain", field="email")
    return value


def _hash(password: str, username: str) -> str:
    checked = checked_password(password, username=username)
    with _hashing:
        return _hasher.hash(checked)


def _verify(password_hash: str | None, password: str) -> bool:
    # An over-long text is cut before hashing: whoever sends a megabyte shall not make us work on it.
    given = normal_password(password[:PASSWORD_MAX])
    try:
        with _hashing:
            _hasher.verify(password_hash or _NOBODYS_HASH, given)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None and len(password) <= PASSWORD_MAX


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
