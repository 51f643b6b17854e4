"""The app factory: ``granian --interface wsgi --factory web.app:create_app``."""

from __future__ import annotations

from flask import Flask

from engine import bootstrap
from engine.context import Context
from web.admin_words import init_admin_words
from web.api.base import init_api
from web.api.health import init_metrics
from web.auth import init_auth
from web.calendar_banner import init_calendar_banner
from web.calendar_words import init_calendar_words
from web.errors import init_errors
from web.i18n import init_i18n
from web.labels import init_labels
from web.message_count import init_message_count
from web.navigation import init_navigation
from web.nul import init_nul
from web.pages.session import limit_sign_in
from web.report_periods import init_report_periods
from web.request_log import configure_logging, init_request_log
from web.routes import API, PAGES
from web.security import init_security


def create_app(ctx: Context | None = None) -> Flask:
    """Return the web application over a context; one made from the MOTCUA_* variables when none is given."""
    if ctx is None:
        configure_logging()
        ctx = bootstrap.from_environment()
    app = Flask("web")
    app.extensions["motcua"] = ctx
    app.config["SECRET_KEY"] = ctx.settings.secret_key
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    # The order is that of the hooks before a request: an id, then limits, then who, then the rest.
    init_request_log(app, statements_sent=ctx.database.statements_sent)
    init_metrics(app, ctx)
    init_security(app, public_url=ctx.settings.public_url, redis_url=ctx.settings.effective_redis_url)
    init_auth(app)
    init_errors(app)
    init_nul(app)
    init_i18n(app)
    init_labels(app)
    init_navigation(app)
    init_message_count(app)
    init_calendar_banner(app)
    init_admin_words(app)
    init_calendar_words(app)
    init_report_periods(app)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    limit_sign_in(app)
    init_api(app, API)
    return app
