"""How often something may be tried: passwords, mails, tokens.

Flask-Limiter holds the storage; what is counted for whom is said in the views, because some
attempts count only when they fail.
"""

from __future__ import annotations

import time

import structlog
from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.errors import StorageError

from catalogue.errors import TooOften

log = structlog.get_logger()
#: Every limit; ``whose`` attempts are counted is named where ``count`` is called.
LIMITS = {
    "sign-in from an address": "50 per 15 minutes",  # failures; a hospital may be one address
    "sign-in to an account": "10 per 15 minutes",  # failures, whether or not it exists
    "password": "10 per 15 minutes",  # failures, of somebody signed in
    "token": "30 per 15 minutes",  # failures
    "register": "20 per hour",
    "forgotten": "20 per hour",
    "mail": "5 per hour",  # to one address, whoever asks
    "invite": "50 per hour",
    "link": "50 per hour",
}


def init_app(app: Flask) -> None:
    """Give an application its counters; the setting ``off`` is for measuring and trying out."""
    where = app.extensions["catalogue"].settings.rate_limits
    app.extensions["catalogue.limiter"] = Limiter(
        get_remote_address,
        app=app,
        enabled=where != "off",
        storage_uri=where,
        storage_options={"wrap_exceptions": True},
        strategy="moving-window",
    )


def here() -> str:
    """The network address that asks."""
    return request.remote_addr or ""


def count(what: str, whose: str) -> None:
    """Count one attempt; raises :class:`TooOften` when it is one too many."""
    _ask(what, whose, counting=True)


def check(what: str, whose: str) -> None:
    """Raise :class:`TooOften` if another attempt would be one too many; counts nothing."""
    _ask(what, whose, counting=False)


def forgive(what: str, whose: str) -> None:
    """Forget the attempts so far: the last one was right."""
    limiter: Limiter = current_app.extensions["catalogue.limiter"]
    if limiter.enabled:
        try:
            limiter.limiter.clear(parse(LIMITS[what]), what, whose)
        except StorageError as error:
            log.error("attempts cannot be counted", error=str(error.storage_error))


def _ask(what: str, whose: str, *, counting: bool) -> None:
    limiter: Limiter = current_app.extensions["catalogue.limiter"]
    if not limiter.enabled:
        return
    limit, strategy = parse(LIMITS[what]), limiter.limiter
    try:
        if (strategy.hit if counting else strategy.test)(limit, what, whose):
            return
        wait = strategy.get_window_stats(limit, what, whose).reset_time - time.time()
    except StorageError as error:
        # Failing closed would keep everybody out; hashing still slows down who guesses.
        log.error("attempts cannot be counted", error=str(error.storage_error))
        return
    log.warning("too many attempts", what=what)
    minutes = max(1, round(wait / 60))
    raise TooOften(
        f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
        max(1, round(wait)),
    )
