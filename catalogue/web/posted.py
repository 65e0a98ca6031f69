"""What views of forms share: what was said, and the form once more when it breaks rules."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request

from catalogue.errors import BadRequest, CatalogueError, Invalid, Problem, TooOften
from catalogue.web.views import page


def said(name: str) -> str:
    """What somebody wrote into a field."""
    return request.form.get(name, "")


def again(template: str, error: CatalogueError, **context: Any) -> Response:
    """The form once more, with the problems at its top and beside the fields."""
    problems = error.problems if isinstance(error, Invalid) else [Problem((), str(error))]
    response = page(template, problems=problems, **context)
    response.status_code = error.status
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.wait)
    return response


def go(path: str) -> Response:
    """The way on after something was done."""
    return redirect(path, 303)  # type: ignore[return-value]


def number(text: str) -> int:
    """The number of something, as our forms send it."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadRequest("The form was not whole. Go back and try again.")
    return int(text)
