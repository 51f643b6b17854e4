"""The start page: where one may go."""

from __future__ import annotations

from flask import Blueprint, render_template

from engine.services import opinions
from web.auth import actor, current_context

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def start() -> str:
    """Show the places that the roles allow, and what others wait for."""
    return render_template("home.html", awaited=opinions.awaited_of(current_context(), by=actor()))
