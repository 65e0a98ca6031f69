"""How often something may be tried: passwords, mails, tokens.

What is counted for whom is said in the views, because some attempts count only when they
fail.  That is why this uses ``limits`` and not Flask-Limiter above it, whose hooks would also
cost every page that nobody limits 80 µs.
"""

from __future__ import annotations

import time

import structlog
from flask import Flask, current_app, request
from limits import parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

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
    "enquiry": "10 per day",  # of one person; each may go to many
    "statement": "30 per hour",  # of one address
    "save": "60 per hour",  # searches, by one person
    "look": "30 per hour",  # for what changed in what was saved
    "ask": "30 per hour",  # questions to owners, by one person
    "check": "300 per hour",  # confirmations by a link; a hospital may be one address
    "look up": "60 per hour",  # addresses, files and DOIs to begin with, for one person
    "dictionary": "60 per hour",  # files to read, by one person
    "fingerprint": "60 per hour",  # files to read, by one person
    "sparql": "300 per minute",  # queries; a hospital may be one address
}


def init_app(app: Flask) -> None:
    """Give an application its counters; the setting ``off`` is for measuring and trying out."""
    where = app.extensions["catalogue"].settings.rate_limits
    app.extensions["catalogue.limits"] = (
        None
        if where == "off"
        else MovingWindowRateLimiter(storage_from_string(where, wrap_exceptions=True))
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
    if (strategy := _strategy()) is not None:
        try:
            strategy.clear(parse(LIMITS[what]), what, whose)
        except StorageError as error:
            log.error("attempts cannot be counted", error=str(error.storage_error))


def _strategy() -> MovingWindowRateLimiter | None:
    found: MovingWindowRateLimiter | None = current_app.extensions["catalogue.limits"]
    return found


def _ask(what: str, whose: str, *, counting: bool) -> None:
    if (strategy := _strategy()) is None:
        return
    limit = parse(LIMITS[what])
    try:
        if (strategy.hit if counting else strategy.test)(limit, what, whose):
            return
        wait = strategy.get_window_stats(limit, what, whose).reset_time - time.time()
    except StorageError as error:
        # Failing closed would keep everybody out; hashing still slows down who guesses.
        log.error("attempts cannot be counted", error=str(error.storage_error))
        return
    log.warning("too many attempts", what=what)
    raise TooOften("Too many attempts.", wait)
