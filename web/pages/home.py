"""The start page: where one may go."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def start() -> str:
    """Show the places that the roles allow."""
    return render_template("home.html")
