"""The forms of what records say, one for each shape of the profile: from the property table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, fields

from catalogue.api.forms import form, text
from catalogue.profile import Property, Shape
from catalogue.profile.values import Nested

_TypedDate = form(
    "TypedDate",
    "A date of any precision, with its type.",
    **{"@value": text("The year, month, day or moment."), "@type": text("The XSD type.")},
)
#: The kinds of value that JSON-LD writes otherwise than the stored document has them.
_LINKED: Mapping[str, Callable[[], fields.Field[Any]]] = {
    "date": lambda: fields.Nested(_TypedDate),
    "decimal": fields.String,
    "email": fields.String,
    "telephone": fields.String,
    "hex": fields.String,
}


class Documents:
    """The schemas of records and their parts as JSON-LD has them; each is made once."""

    def __init__(self) -> None:
        self._made: dict[str, type[Schema]] = {}

    def __call__(self, shape: Shape) -> type[Schema]:
        """The schema of a shape."""
        if shape.name not in self._made:
            members: dict[str, Any] = {
                "id": text("The IRI."),
                "type": text("The IRI of the class."),
                **{one.name: self._field(one) for one in shape.stored},
            }
            if shape.kept == "record":
                members["@context"] = text("What makes it JSON-LD.")
            self._made[shape.name] = form(
                shape.name, shape.note, Schema, members, shape.label, **members
            )
        return self._made[shape.name]

    def _field(self, one: Property) -> fields.Field[Any]:
        value = one.value
        if isinstance(value, Nested):
            inner: fields.Field[Any] = fields.Nested(lambda: self(value.shape)())
        elif value.kind in _LINKED:
            inner = _LINKED[value.kind]()
        else:
            inner = value.field()
        many = one.repeatable and not value.gathers
        found: fields.Field[Any] = fields.List(inner) if many else inner
        found.metadata = {"title": one.label, "description": one.note}
        return found
