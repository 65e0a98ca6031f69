"""Orders: of two numbers or dates that one thing states, which cannot be the larger.

A row of ``orders.csv`` names both.  So the people with a condition never stand for the people
in the dataset, and nothing ends before it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from catalogue.errors import FaultyTable
from catalogue.profile.tables import Row

if TYPE_CHECKING:
    from catalogue.profile.shape import Shape

Place = tuple[str | int, ...]
_NUMBERS, _COMPARED = frozenset({"integer", "decimal"}), frozenset({"integer", "decimal", "date"})


@dataclass(frozen=True)
class Order:
    """That ``lower``, which may stand in parts, is at most ``upper``."""

    lower: tuple[str, ...]
    upper: str
    severity: Literal["violation", "warning"]
    message: str

    @classmethod
    def of(cls, row: Row, shape: Shape) -> Order:
        """Read a row; raises :class:`FaultyTable` that says what is wrong with it."""
        severity, lower = row["severity"], tuple(row["lower"].split("."))
        if severity not in ("violation", "warning"):
            raise FaultyTable(f'severity is "{severity}"; violation or warning')
        if not row["message"]:
            raise FaultyTable("message is needed")
        kinds = {_kind(shape, lower), _kind(shape, (row["upper"],))}
        if not (kinds <= _NUMBERS or kinds == {"date"}):
            raise FaultyTable(f"{row['lower']} and {row['upper']} are not two numbers or two dates")
        return cls(lower, row["upper"], severity, row["message"])  # type: ignore[arg-type]

    def broken(self, document: Mapping[str, Any]) -> Iterator[Place]:
        """Where in a document the lower one is larger."""
        most = document.get(self.upper)
        if most is None or isinstance(most, bool):
            return
        for place, value in _places(document, self.lower, ()):
            if _is_larger(value, most):
                yield place


def _kind(shape: Shape, path: tuple[str, ...]) -> str:
    name, *rest = path
    if name not in shape.properties:
        raise FaultyTable(f'{shape.name} has no property "{name}"')
    value = shape[name].value
    if rest:
        if value.kind != "nested":
            raise FaultyTable(f'"{name}" has no parts')
        return _kind(shape.profile[value.values], tuple(rest))
    if value.kind not in _COMPARED:
        raise FaultyTable(f'"{name}" is neither a number nor a date')
    return value.kind


def _places(said: Any, path: tuple[str, ...], place: Place) -> Iterator[tuple[Place, Any]]:
    """Every value at the end of a path, with where it stands."""
    if isinstance(said, list):
        for number, part in enumerate(said):
            yield from _places(part, path, (*place, number))
    elif not path:
        yield place, said
    elif isinstance(said, Mapping) and said.get(path[0]) is not None:
        yield from _places(said[path[0]], path[1:], (*place, path[0]))


def _is_larger(one: Any, other: Any) -> bool:
    """Whether a number or date is surely larger; a year is not later than a day of it."""
    if isinstance(one, str) and isinstance(other, str):
        length = min(len(one), len(other), 10)
        return one[:4].isdigit() and other[:4].isdigit() and one[:length] > other[:length]
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers and not isinstance(one, bool) and one > other
