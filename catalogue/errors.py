"""What can go wrong, in words a person can act on.

::

    CatalogueError
    ├── NotFound        there is no such thing                     404
    ├── Gone            there was, and it was withdrawn            410
    ├── NotSignedIn     it is not known who you are                401
    ├── Forbidden       you may not                                403
    ├── Invalid         it breaks rules; carries the problems      422
    │   └── BadRequest  the request itself cannot be understood    400
    ├── NotAcceptable   no such representation                     406
    ├── TooLarge        more was sent than is read here            413
    ├── NotRead         sent in a form that is not read here       415
    ├── Conflict        somebody else changed it meanwhile         409
    │   └── Changed     it is not what the asker holds             412
    ├── Unconditional   it must be said what is to be changed      428
    ├── TooOften        wait before you try again                  429
    ├── Unavailable     not now                                    503
    └── FaultyTable     a profile or vocabulary file is wrong      at start-up

Lower floors raise these; ``web/errors.py`` turns them into a page or into
``application/problem+json`` (RFC 9457).  A :class:`Problem` is one broken rule;
schema, SHACL, obligations and start-up checks all speak of it in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["violation", "warning", "ehds", "quality"]
Path = tuple[str | int, ...]
#: So many problems are said in a sentence; the others are in the list.
_MOST_SAID = 50


@dataclass(frozen=True)
class Problem:
    """One broken rule: where (keys and positions in the document), what, how bad, which rule.

    ``severity`` is *violation* (may not be published), *warning* (recommended),
    *ehds* (asked for by Implementing Regulation (EU) 2026/2098, though not by SHACL) or
    *quality* (our own advice).
    """

    path: Path
    message: str
    severity: Severity = "violation"
    rule: str = ""

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"{where}: {self.message}" if where else self.message

    def inside(self, *path: str | int) -> Problem:
        """The problem where the document lies within something else."""
        return replace(self, path=(*path, *self.path))


class CatalogueError(Exception):
    """The root of every error the catalogue raises on purpose."""

    status = 500
    title = "Something went wrong"


class NotFound(CatalogueError):
    """There is no such thing."""

    status = 404
    title = "Not found"


class Gone(CatalogueError):
    """There was such a thing, and it was withdrawn."""

    status = 410
    title = "Withdrawn"


class NotSignedIn(CatalogueError):
    """It is not known who asks, and it must be."""

    status = 401
    title = "Sign in first"


class Forbidden(CatalogueError):
    """The actor may not do this."""

    status = 403
    title = "Not allowed"


class Invalid(CatalogueError):
    """Something breaks rules; ``problems`` names each of them."""

    status = 422
    title = "Not valid"

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems = [Problem((), problems)] if isinstance(problems, str) else list(problems)
        said = "; ".join(map(str, self.problems[:_MOST_SAID]))
        more = len(self.problems) - _MOST_SAID
        super().__init__(f"{said}; and {more:,} more" if more > 0 else said)


class BadRequest(Invalid):
    """The request cannot be understood."""

    status = 400
    title = "Bad request"


class NotAcceptable(CatalogueError):
    """None of the representations asked for exists."""

    status = 406
    title = "No such representation"


class Conflict(CatalogueError):
    """Somebody else changed the record meanwhile."""

    status = 409
    title = "Changed meanwhile"


class Changed(Conflict):
    """The record is no longer what the asker says to hold."""

    status = 412


class Unconditional(CatalogueError):
    """The asker must say which state of the record the change is meant for."""

    status = 428
    title = "Say what you have read"


class TooLarge(CatalogueError):
    """More was sent than is read here."""

    status = 413
    title = "Too large"


class NotRead(CatalogueError):
    """What was sent is in a form that is not read here."""

    status = 415
    title = "Not read here"


class TooOften(CatalogueError):
    """Somebody tries again and again; ``wait`` says for how many seconds not to.

    ``instead`` ends the sentence that says when to try again.
    """

    status = 429
    title = "Too many attempts"

    def __init__(self, said: str, wait: float, instead: str = "") -> None:
        self.wait = max(1, round(wait))
        super().__init__(f"{said} Try again in {_while(self.wait)}{instead}.")


def _while(seconds: int) -> str:
    """How long to wait, in words: *1 minute*, *21 hours*."""
    number, unit = max(1, round(seconds / 60)), "minute"
    if number > 90:
        number, unit = -(-seconds // 3600), "hour"
    return f"{number} {unit}{'s' if number > 1 else ''}"


class Unavailable(CatalogueError):
    """Not now; later, in ``wait`` seconds if that is known."""

    status = 503
    title = "Not available now"

    def __init__(self, said: str, wait: int = 0) -> None:
        self.wait = wait
        super().__init__(said)


class FaultyTable(CatalogueError):
    """A profile or vocabulary file cannot be used; the message says file, line and way out."""

    title = "Faulty table"

    def __init__(self, faults: Iterable[str] | str) -> None:
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(self.faults))


@contextmanager
def within(*path: str | int) -> Iterator[None]:
    """Let the problems of a document name the place where the request holds it."""
    try:
        yield
    except Invalid as error:
        raise Invalid(one.inside(*path) for one in error.problems) from None


def problems_of(errors: Mapping[str, object] | list[object], path: Path = ()) -> Iterator[Problem]:
    """The problems in an error tree of marshmallow, whose keys are fields and positions."""
    if isinstance(errors, Mapping):
        for key, below in errors.items():
            # marshmallow keys messages about the whole object by "_schema"
            # and those about a mapping's entries by "key" and "value".
            step = () if key in ("_schema", "key", "value") else (key,)
            yield from problems_of(below, path + step)  # type: ignore[arg-type]
    else:
        for message in errors:
            if isinstance(message, Mapping | list):
                yield from problems_of(message, path)
            else:
                yield Problem(path, str(message), rule="type")
