"""What a new record or part begins with: the ``default`` cell of the property table.

The cell holds a code or label of a concept, a text, ``true`` or ``false``, a number; several
are separated by ``;``.  Parts and anything else may be written as JSON.  ``{record}`` stands
for the record's own reference, ``{organisation}`` for that of whoever describes it,
``{record-address}`` for the record's full address.  A default may hold only under a condition:
``PERSONAL_DATA if access_rights is given and access_rights is not PUBLIC``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.errors import FaultyTable
from catalogue.profile.conditions import Condition
from catalogue.profile.values import Text, Value


@dataclass(frozen=True)
class Places:
    """What stands where a default leaves a place: two references and a full address."""

    organisation: str = ""
    record: str = ""
    address: str = ""

    @property
    def by_name(self) -> Mapping[str, str]:
        """The places by the names they have in a table."""
        return {
            "organisation": self.organisation,
            "record": self.record,
            "record-address": self.address,
        }


#: What a cell may leave open, with what stands there when a table is checked.
SAMPLE = Places(
    "id/agent/sample", "id/dataset/sample", "https://catalogue.example/id/dataset/sample"
)
_PLACE = re.compile(r"\{([a-z-]+)\}")
_TEST = r"\w+ is (?:not )?[\w-]+"
_CONDITIONAL = re.compile(rf"(.+) if ({_TEST}(?: and {_TEST})*)\Z", re.S)


@dataclass(frozen=True)
class Default:
    """A value as a document's JSON would say it, with the condition under which it holds."""

    value: Any
    condition: Condition = field(default_factory=Condition)

    @classmethod
    def parse(cls, cell: str, kind: Value) -> Default | None:
        """Read a cell; raises :class:`FaultyTable` without place if it cannot be read."""
        if not cell:
            return None
        condition = Condition()
        if found := _CONDITIONAL.match(cell):
            cell, condition = found[1], Condition.parse(found[2])
        return cls(_value(cell, kind), condition)

    def holds(self, document: Mapping[str, object], code_of: Callable[[str], str]) -> bool:
        """Whether the default is meant for a document."""
        return self.condition.holds(document, code_of)

    def filled(self, places: Places) -> Any:
        """The value with its places filled in; what rests on an unknown place is left out."""
        return _fill(self.value, places.by_name)


def _value(cell: str, kind: Value) -> Any:
    # A place in braces is no JSON object: that begins with a quoted key.
    if re.match(r"\{\s*\"|\[", cell):
        try:
            return json.loads(cell)
        except ValueError as error:
            raise FaultyTable(f"the default is not valid JSON: {error}") from None
    pieces = [piece.strip() for piece in cell.split(";")] if kind.repeatable else [cell]
    values = [_scalar(piece, kind.kind) for piece in pieces]
    if isinstance(kind, Text):
        return {"en": values if kind.repeatable else values[0]}
    return values if kind.repeatable else values[0]


def _scalar(text: str, kind: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in ("integer", "decimal"):
        try:
            return int(text) if text.isdigit() else float(text)
        except ValueError:
            return text  # the check of types names it
    return text


def _fill(value: Any, places: Mapping[str, str]) -> Any:
    """A value with its places filled in; empty where a place is not known."""
    if isinstance(value, str):
        if any(places.get(name) == "" for name in _PLACE.findall(value)):
            return ""
        return _PLACE.sub(lambda found: places.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [filled for one in value if (filled := _fill(one, places)) not in ("", {}, [])]
    if isinstance(value, dict):
        pairs = {key: _fill(one, places) for key, one in value.items()}
        return {key: one for key, one in pairs.items() if one not in ("", {}, [])}
    return value
