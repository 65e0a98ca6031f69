"""What is sent to the interface: JSON, read within bounds and held against a form.

Everything that JSON leaves to the reader is refused rather than guessed: names that stand
twice in an object, NaN, numbers beyond any, halves of characters, nesting without end.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from flask import request
from marshmallow import RAISE, Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from catalogue.api.forms import form
from catalogue.errors import BadRequest, Invalid, NotRead, Path, Problem, TooLarge, problems_of

#: How deep objects and lists may lie in each other: far deeper than any description goes.
DEEPEST = 40
#: The most bytes of one record, and of all that is sent at once.
LONGEST, LONGEST_OF_MANY = 1_000_000, 16_000_000


def body(name: str, said: str, sometimes: Sequence[str] = (), /, **members: Any) -> type[Schema]:
    """The form of something that is sent: what it does not name is refused."""
    plain = form(name, said, Schema, sometimes, **members)
    meta = type("Meta", (plain.Meta,), {"unknown": RAISE})
    return type(name, (plain,), {"Meta": meta})


def read(form: type[Schema], accepts: Sequence[str], most: int) -> dict[str, Any]:
    """What was sent, as its form has it; raises what is wrong with it, all at once."""
    if not is_needed(form) and not request.content_length and _is_whole():
        return {}
    return load(form, parsed(accepts, most))


def is_needed(form: type[Schema]) -> bool:
    """Whether a form asks for anything, so that something must be sent."""
    return any(one.required for one in form._declared_fields.values())


def _is_whole() -> bool:
    """Whether the length that a request tells is all that comes."""
    return "Transfer-Encoding" not in request.headers


def load(form: type[Schema], sent: Mapping[str, Any]) -> dict[str, Any]:
    """What a form makes of an object; raises :class:`Invalid` with every fault."""
    try:
        return dict(form().load(sent))
    except ValidationError as error:
        raise Invalid(_problems(error.messages)) from None


def _problems(messages: Any, path: Path = ()) -> Iterator[Problem]:
    """The problems in an error tree of a form, in which ``key`` and ``value`` are members."""
    if isinstance(messages, Mapping):
        for step, below in messages.items():
            yield from _problems(below, path if step == "_schema" else (*path, step))
    else:
        yield from problems_of(messages, path)


def parsed(accepts: Sequence[str], most: int) -> dict[str, Any]:
    """The JSON object that was sent."""
    if request.mimetype not in accepts:
        said = f"not as “{request.mimetype[:60]}”" if request.mimetype else "and say so"
        raise NotRead(f"Send this as {' or '.join(accepts)} in Content-Type, {said}.")
    request.max_content_length = most
    try:
        sent = request.get_data()
    except RequestEntityTooLarge:
        raise too_large(most) from None
    found = _parsed(sent)
    if not isinstance(found, dict):
        raise BadRequest(f"What was sent is no JSON object, but {_kind(found)}.")
    check(found)
    return found


def file(accepts: Sequence[str], most: int) -> bytes:
    """A file that was sent as it is."""
    if request.mimetype not in accepts:
        said = f"not as “{request.mimetype[:60]}”" if request.mimetype else "and say so"
        raise NotRead(f"Send this as {' or '.join(accepts)} in Content-Type, {said}.")
    request.max_content_length = most
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise TooLarge(f"The file is larger than {most:,} bytes.") from None


def too_large(most: int, path: Path = ()) -> TooLarge:
    """The error of more than is read."""
    where = ".".join(map(str, path)) or "What was sent"
    return TooLarge(f"{where} is larger than {most:,} bytes; send it in parts.")


def _parsed(sent: bytes) -> Any:
    try:
        return json.loads(
            sent.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_float,
            parse_int=_int,
        )
    except UnicodeDecodeError:
        raise BadRequest("What was sent is not UTF-8; JSON always is.") from None
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"What was sent is no JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None
    except RecursionError:
        raise _too_deep() from None


def check(found: Any) -> None:
    """Refuse what no database, no index and no other program could take."""
    waiting: list[tuple[Any, Path]] = [(found, ())]
    while waiting:
        value, path = waiting.pop()
        if len(path) > DEEPEST:
            raise _too_deep()
        if isinstance(value, dict):
            for name in value:
                _check_text(name, path)
            waiting += [(inner, (*path, name)) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, (*path, place)) for place, inner in enumerate(value)]
        elif isinstance(value, str):
            _check_text(value, path)


def _check_text(text: str, path: Path) -> None:
    if "\0" in text:
        raise BadRequest([Problem(path, "holds a NUL character; leave it out", rule="text")])
    if any("\ud800" <= one <= "\udfff" for one in text) if not text.isascii() else False:
        raise BadRequest([Problem(path, "holds half a character (a lone surrogate)", rule="text")])


def _too_deep() -> BadRequest:
    return BadRequest(f"Lists and objects lie more than {DEEPEST} deep in each other.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        raise BadRequest(f"An object names “{_shown(twice)}” twice; which one is meant?")
    return found


def _shown(text: str) -> str:
    return text[:60].encode("utf-8", "replace").decode()


def _no_number(said: str) -> NoReturn:
    raise BadRequest(f"{said} is no number that JSON knows.")


def _float(said: str) -> float:
    number = float(said)
    if math.isinf(number):
        raise BadRequest(f"The number {said[:30]} is beyond what can be kept.")
    return number


def _int(said: str) -> int:
    if len(said) > 30:  # no count needs more, and reading long ones takes its time
        raise BadRequest(f"The number {said[:30]}… is beyond what can be kept.")
    return int(said)


def _kind(found: Any) -> str:
    if found is None:
        return "null"
    kinds = {list: "a list", str: "a text", bool: "yes or no", int: "a number", float: "a number"}
    return kinds[type(found)]
