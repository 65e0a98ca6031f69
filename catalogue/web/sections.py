"""What a page shows of a record, walked off the profile.

A property appears on a record's page because it is a row of the table: nothing here
names one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from flask import current_app
from jinja2 import Environment, TemplateNotFound, UndefinedError
from markupsafe import Markup

from catalogue.profile import Document, Shape
from catalogue.profile.names import section_slug
from catalogue.profile.shape import Property, reasons_in
from catalogue.profile.values import DecimalNumber, Nested
from catalogue.records.damage import WRONG_FORM
from catalogue.records.visibility import WITHHELD
from catalogue.web import words
from catalogue.web.current import catalogue

log = structlog.get_logger()
#: What a value of another type than its row says raises; the page goes on without it.
BROKEN = (*WRONG_FORM, IndexError, UndefinedError)
#: What the program itself says of the reasons stands at the fields, not as a row.
_TOLD_ELSEWHERE = {"NotStated", "Restriction"}


@dataclass(frozen=True)
class Row:
    """One property on a page with its values, or with the reason why there are none."""

    field: Property
    values: Sequence[Any]
    reason: str = ""
    withheld: bool = False

    @property
    def label(self) -> str:
        """What stands beside the values."""
        return caption(self.field)

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
        """Whether the parts are many and alike enough for a table, or have one of their own."""
        value = self.field.value
        if not isinstance(value, Nested) or not self.values:
            return False
        if _own_table(value.values) in _tables(current_app.jinja_env):
            return True
        if len(self.values) < 2:
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
        return section_slug(self.title)

    @property
    def silent(self) -> bool:
        """Whether nobody has said anything of it; one line then says so."""
        return not any(row.values for row in self.rows)


def rows(shape: Shape, properties: Iterable[Property], document: Document) -> Iterator[Row]:
    """The rows worth showing: values, reasons, and silence where an answer is expected."""
    reasons = reasons_in(document)
    withheld = document.get(WITHHELD) is True
    for one in properties:
        if one.visibility not in ("public", "holder") or one.value.values in _TOLD_ELSEWHERE:
            continue
        values, reason = one.values(document), reasons.get(one.name, "")
        if values or reason or is_expected(one, document, shape):
            yield Row(one, values, reason, withheld and one.visibility == "holder")


def caption(one: Property) -> str:
    """The label of a property beside its values, which bring their unit themselves."""
    unit = one.value.values if isinstance(one.value, DecimalNumber) else ""
    return one.label.removesuffix(" (%)" if unit == "percent" else f" in {unit}")


def is_expected(one: Property, document: Mapping[str, Any], shape: Shape) -> bool:
    """Whether silence about a property is worth telling."""
    return one.obligation_in(document, shape.profile) in ("mandatory", "recommended")


def sections(
    shape: Shape, document: Document, without: Iterable[str] = (), first: Sequence[str] = ()
) -> list[Section]:
    """The sections of a record's page: those named first, then in the order of the profile.

    What every description has (the tier ``minimum``) stands first in its section.
    """
    told = set(without)
    found = []
    for group, members in shape.groups.items():
        shown = sorted(
            (p for p in members if p.name not in told), key=lambda p: p.tier != "minimum"
        )
        found.append(Section(group, list(rows(shape, shown, document))))
    place = {title: number for number, title in enumerate(first)}
    found.sort(key=lambda one: place.get(one.title, len(place)))
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
    withheld = document.get(WITHHELD) is True
    known = [shape[name] for name in names if name in shape.properties]
    return [
        Row(
            one,
            one.values(document),
            reasons.get(one.name, ""),
            withheld and one.visibility == "holder",
        )
        for one in known
    ]


def draw(one: Property, value: Any) -> Markup:
    """One value by the template of its kind; a value that cannot be drawn is told, not raised."""
    kind = one.value.kind
    names = [f"values/{kind}-{one.value.values}.html", f"values/{kind}.html", "values/string.html"]
    return _drawn(names, one, value=value)


def guarded(macro: Callable[..., Markup], *values: Any) -> Markup:
    """What a macro draws of some values; told, not raised, where it cannot draw them."""
    try:
        return macro(*values)
    except BROKEN as error:
        log.warning("values cannot be shown", macro=str(macro), error=str(error))
        template = current_app.jinja_env.get_template("values/unreadable.html")
        return Markup(template.render())  # noqa: S704 - a template escaped it


def draw_table(one: Property, parts: Sequence[Any], **more: Any) -> Markup:
    """Parts as a table, by the template of their class if it has one."""
    return _drawn([_own_table(one.value.values), "values/table.html"], one, parts=parts, **more)


def _drawn(templates: Sequence[str], one: Property, **context: Any) -> Markup:
    environment = current_app.jinja_env
    try:
        html = environment.get_template(_first_of(templates)).render(property=one, **context)
    except TemplateNotFound:
        raise
    except BROKEN as error:
        log.warning("value cannot be shown", property=one.name, error=str(error))
        html = environment.get_template("values/unreadable.html").render(property=one)
    return Markup(html)  # noqa: S704 - a template escaped it


def _first_of(templates: Sequence[str]) -> str:
    """The first of some templates that there is; looked for on the disk only once."""
    known: dict[tuple[str, ...], str] = current_app.extensions.setdefault("value templates", {})
    names = tuple(templates)
    if names not in known:
        known[names] = str(current_app.jinja_env.select_template(names).name)
    return known[names]


def _own_table(name: str) -> str:
    return f"values/table-{name}.html"


@lru_cache(maxsize=8)
def _tables(environment: Environment) -> frozenset[str]:
    """The templates of classes whose parts are always shown as a table of their own."""
    return frozenset(
        environment.list_templates(filter_func=lambda name: name.startswith("values/table-"))
    )
