"""Answers that are .docx files: to save and edit, never shown inside a page."""

from __future__ import annotations

from flask import Response
from werkzeug.http import dump_options_header

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def docx_response(content: bytes, name: str) -> Response:
    """Return a .docx to save under a name without ending."""
    response = Response(content, mimetype=DOCX)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": f"{name}.docx"})
    return response
