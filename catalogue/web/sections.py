"""What a page shows of a record, walked off the profile.

A property appears on a record's page because it is a row of the table: nothing here
names one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import current_app
from jinja2 import TemplateNotFound, UndefinedError
from markupsafe import Markup

from catalogue.profile import Document, Shape
from catalogue.profile.shape import Property, reasons_in
from catalogue.profile.values import Nested
from catalogue.records.damage import WRONG_FORM
from catalogue.web import words
from catalogue.web.current import catalogue

log = structlog.get_logger()
#: What a value of another type than its row says raises; the page goes on without it.
BROKEN = (*WRONG_FORM, IndexError, UndefinedError)
#: What the program itself says of the reasons stands at the fields, not as a row.
_TOLD_ELSEWHERE = {"NotStated"}


@dataclass(frozen=True)
class Row:
    """One property on a page with its values, or with the reason why there are none."""

    field: Property
    values: Sequence[Any]
    reason: str = ""
    withheld: bool = False

    @property
    def silence(self) -> str:
        """What is said where there is no value; never “no”."""
        if self.withheld:
            return "Not disclosed: the holder is not named here"
        if not self.reason:
            return "Not stated"
        return f"Not stated: {words.sentence(catalogue.vocabularies.label(self.reason))}"

    @property
    def as_table(self) -> bool:
        """Whether the parts are many and alike enough for a table."""
        value = self.field.value
        if not isinstance(value, Nested) or len(self.values) < 2:
            return False
        across = columns(value.shape, self.values)
        if any(isinstance(one.value, Nested) for one in across):
            return False
        return sum(one.value.kind != "text" for one in across) > 1


@dataclass(frozen=True)
class Section:
    """One group of properties that has something to show."""

    title: str
    rows: Sequence[Row]

    @property
    def anchor(self) -> str:
        """The name of the section in an address."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def rows(shape: Shape, properties: Iterable[Property], document: Document) -> Iterator[Row]:
    """The rows worth showing: values, reasons, and silence where an answer is expected."""
    reasons = reasons_in(document)
    withheld = document.get("holder_withheld") is True
    for one in properties:
        if one.visibility not in ("public", "holder") or one.value.values in _TOLD_ELSEWHERE:
            continue
        values, reason = one.values(document), reasons.get(one.name, "")
        if values or reason or is_expected(one, document, shape):
            yield Row(one, values, reason, withheld and one.visibility == "holder")


def is_expected(one: Property, document: Mapping[str, Any], shape: Shape) -> bool:
    """Whether silence about a property is worth telling."""
    return one.obligation_in(document, shape.profile) in ("mandatory", "recommended")


def sections(shape: Shape, document: Document, without: Iterable[str] = ()) -> list[Section]:
    """The sections of a record's page, in the order of the profile."""
    told = set(without)
    found = [
        Section(group, list(rows(shape, [p for p in group_of if p.name not in told], document)))
        for group, group_of in shape.groups.items()
    ]
    return [one for one in found if one.rows]


def columns(shape: Shape, parts: Sequence[Mapping[str, Any]]) -> list[Property]:
    """The properties that parts shown in one table have between them."""
    return [
        one
        for one in shape.stored
        if any(part.get(one.name) not in (None, "", [], {}) for part in parts)
    ]


def picked(shape: Shape, document: Document, names: Iterable[str]) -> list[Row]:
    """Some rows by name, silent ones too; names the profile does not have are passed by."""
    reasons = reasons_in(document)
    known = [shape[name] for name in names if name in shape.properties]
    return [Row(one, one.values(document), reasons.get(one.name, "")) for one in known]


def draw(one: Property, value: Any) -> Markup:
    """One value by the template of its kind; a value that cannot be drawn is told, not raised."""
    environment = current_app.jinja_env
    kind = one.value.kind
    names = [f"values/{kind}-{one.value.values}.html", f"values/{kind}.html", "values/string.html"]
    try:
        html = environment.select_template(names).render(property=one, value=value)
    except TemplateNotFound:
        raise
    except BROKEN as error:
        log.warning("value cannot be shown", property=one.name, error=str(error))
        html = environment.get_template("values/unreadable.html").render(property=one, value=value)
    return Markup(html)  # noqa: S704 - a template escaped it
