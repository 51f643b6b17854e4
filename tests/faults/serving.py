"""The web over MOTCUA_* variables with a clock that stands, so that codes and due dates are always alike."""

from __future__ import annotations

from flask import Flask

from engine import bootstrap
from engine.domain.clock import TurnedClock
from tests.support.contexts import START
from web.app import create_app


def app() -> Flask:
    """Return the application; ``granian --factory tests.faults.serving:app``."""
    return create_app(bootstrap.from_environment(clock=TurnedClock(START)))
