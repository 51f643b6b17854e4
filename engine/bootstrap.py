"""The composition root: settings in, context out; called once a process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from engine.context import Context
from engine.domain.clock import Clock, SystemClock
from engine.domain.messages import Way
from engine.integrations.files import FolderFiles
from engine.integrations.mail import SmtpMail
from engine.integrations.remote_signer import HttpSigner
from engine.integrations.webhooks import WebhookIndicators, WebhookTexts
from engine.ports import IndicatorSender, TextSender
from engine.seeds import base
from engine.services import calendars, facts, nearing
from engine.settings import Settings, from_env
from engine.store import schema
from engine.store.unit_of_work import Database


def build(settings: Settings, *, clock: Clock | None = None) -> Context:
    """Return a context for these settings; the system clock unless another is given."""
    return Context(
        clock=clock or SystemClock(),
        database=Database(settings.database_url),
        files=FolderFiles(settings.files),
        mail=SmtpMail(settings.smtp_url, settings.mail_from) if settings.smtp_url else None,
        settings=settings,
        signer=HttpSigner(settings.signer_url, settings.signer_token) if settings.signer_url else None,
        texts=_gateways(settings, clock or SystemClock()),
        centre=_centre(settings, clock or SystemClock()),
    )


def _centre(settings: Settings, clock: Clock) -> IndicatorSender | None:
    if settings.ioc_url is None:
        return None
    return WebhookIndicators(settings.ioc_url, settings.webhook_secret or "", clock=clock)  # malformed when missing


def _gateways(settings: Settings, clock: Clock) -> dict[Way, TextSender]:
    addresses = {Way.SMS: settings.sms_url, Way.ZALO: settings.zalo_url}
    secret = settings.webhook_secret or ""  # malformed when it is missing
    return {
        way: WebhookTexts(url, secret, channel=way.value, clock=clock)
        for way, url in addresses.items()
        if url is not None
    }


def from_environment(env: Mapping[str, str] | None = None, *, clock: Clock | None = None) -> Context:
    """Return a context for the MOTCUA_* variables of this process; an embedded database without schema gets it.

    Raises:
        InvalidSettingError: a variable is unknown or malformed.
    """
    ctx = build(from_env(os.environ if env is None else env), clock=clock)
    if ctx.settings.embedded_database and schema.current_revision(ctx.database) is None:
        migrate(ctx)
        base.ensure(ctx)
    return ctx


def migrate(ctx: Context) -> str:
    """Bring the schema to head, set what dossiers of an older one lack, and return the revision."""
    schema.migrate(ctx.database)
    calendars.republish(ctx)
    nearing.fill(ctx)
    facts.fill(ctx)
    return schema.head_revision() or ""


def has_database(settings: Settings) -> bool:
    """Whether there is a database to ask: always in production, else once its file is made."""
    return not settings.embedded_database or Path(settings.database_url.removeprefix("sqlite:///")).exists()
