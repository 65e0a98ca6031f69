"""``Idempotency-Key``: whoever repeats a change hears its answer again, and nothing is done twice.

After draft-ietf-httpapi-idempotency-key-header.  The answer is written with the change, in
one transaction; a process that is killed leaves both or neither.  Only what was done is kept:
a refusal changed nothing, and the same request may be right next time.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request
from sqlalchemy import delete
from sqlalchemy.orm import Session

from catalogue.accounts.models import Answered
from catalogue.api.answers import dumps
from catalogue.api.parameters import Parameter
from catalogue.errors import BadRequest, Conflict, Invalid, Problem
from catalogue.web.current import catalogue

#: How long an answer is kept.
KEPT = timedelta(hours=24)
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?\Z')
_HEADERS = ("Content-Type", "ETag", "Location")
HEADER = Parameter(
    "Idempotency-Key",
    "A word of your own for this request, such as a UUID. Repeated within 24 hours, the request "
    "is answered as before and nothing is done twice.",
    {"type": "string", "maxLength": 257},
    place="header",
)


def key() -> str:
    """The key of the request; empty if it has none."""
    said = request.headers.get("Idempotency-Key")
    if said is None:
        return ""
    found = _KEY.match(said.strip())
    if not found:
        raise BadRequest(
            [
                Problem(
                    ("Idempotency-Key",),
                    "Give 1 to 255 letters, digits or signs without spaces, such as a UUID.",
                    rule="header",
                )
            ]
        )
    return found[1]


@contextmanager
def alone(user: int, key: str) -> Iterator[None]:
    """Raise :class:`Conflict` while a request with the same key still runs.

    A lock of the kernel, which goes with the process.  That nothing is done twice does not
    hang on it but on the row: across machines the second request waits and finds that.
    """
    if not key:
        yield
        return
    folder = catalogue.settings.instance_folder / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"answering-{hashlib.sha256(f'{user} {key}'.encode()).hexdigest()[:32]}.lock"
    with file.open("w") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "A request with this Idempotency-Key is still running. Repeat it in a moment."
            ) from None
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def repeated(session: Session, user: int, key: str) -> Response | None:
    """The answer to the same request before; None if there was none.

    Raises :class:`Invalid` if the key was used for another request.
    """
    now = datetime.now(UTC)
    session.execute(delete(Answered).where(Answered.at < now - KEPT))
    found = session.get(Answered, (user, key))
    if found is None:
        return None
    if found.fingerprint != _fingerprint():
        problem = "This key was used for another request; take a new key for a new request."
        raise Invalid([Problem(("Idempotency-Key",), problem, rule="header")])
    response = Response(found.body, found.status, found.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def keep(session: Session, user: int, key: str, response: Response, secret: str = "") -> None:
    """Keep an answer, but for the member of it that is shown once only."""
    said = response.get_data(as_text=True)
    if secret:
        content: dict[str, Any] = response.get_json()
        said = dumps({**content, secret: None})
    session.add(
        Answered(
            user_id=user,
            key=key,
            fingerprint=_fingerprint(),
            status=response.status_code,
            headers={name: response.headers[name] for name in _HEADERS if name in response.headers},
            body=said,
            at=datetime.now(UTC),
        )
    )
    session.flush()


def _fingerprint() -> str:
    """Names everything that the answer follows from."""
    said = hashlib.sha256()
    for part in (request.method, request.full_path, request.headers.get("If-Match", "")):
        said.update(part.encode("utf-8", "surrogatepass") + b"\0")
    said.update(request.get_data())
    return said.hexdigest()
