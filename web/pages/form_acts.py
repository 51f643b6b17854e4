"""A form that administrators send: go on with a word of what was done, or come back with what was typed."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, make_response, redirect
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from web.forms import Refusal, refusal


def carry_out(
    act: Callable[[], object], *, form: str, page: Callable[[Refusal | None], str], said: str, then: str
) -> BaseResponse:
    """Do an act and go on; a refused form comes back with all that was typed.

    Args:
        act: what the form asks for.
        form: name of the form on its page.
        page: renders the page with a refusal.
        said: what the next page tells when it is done.
        then: address of the next page.
    """
    try:
        act()
    except (InvalidInputError, ConflictError, NotFoundError, UnavailableError) as error:
        shown = refusal(form, error)
        return make_response(page(shown), shown.status)
    flash(said, "success")
    return redirect(then, 303)
