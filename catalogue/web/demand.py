"""For administrators: what many looked for and nobody found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from flask import Response

from catalogue.errors import CatalogueError
from catalogue.outcomes.asking import QUESTION, AskedQuestion
from catalogue.upkeep.counting import LEAST_PEOPLE
from catalogue.upkeep.nearly import Wanted
from catalogue.web.admin import blueprint
from catalogue.web.current import catalogue, session
from catalogue.web.views import page


@dataclass(frozen=True)
class Told:
    """Something that was asked for, in words."""

    words: str
    address: str
    people: int


@blueprint.get("/admin/demand")
def demand() -> Response:
    """Searches without results and topics that nothing meets, of at least five people."""
    return page(
        "admin/demand.html",
        without=list(told(catalogue.nearly.without_results(session))),
        unmet=list(told(catalogue.nearly.unmet(session))),
        least=LEAST_PEOPLE,
    )


def told(found: Sequence[Wanted]) -> Iterator[Told]:
    """What was asked for, in words."""
    for one in found:
        yield Told(words_of(one.address), one.address, one.people)


def words_of(address: str) -> str:
    """A search or question in words: “heart failure”, Country: Belgium."""
    profile = catalogue.profile
    said = []
    if address.startswith(QUESTION):
        with suppress(CatalogueError):  # asked under another profile
            asked = catalogue.asking.read(address)
            if isinstance(asked, AskedQuestion):
                return "; ".join(catalogue.wording.whole(one) for one in asked.question.criteria)
    for name, value in parse_qsl(urlsplit(address).query):
        if name == "q":
            said.append(f"“{value}”")
        elif known := (
            profile.facets.get(name) or profile.ranges.get(name) or profile.criteria.get(name)
        ):
            told_as = catalogue.vocabularies.label(value)
            said.append(f"{known.label}: {told_as or value}")
    return ", ".join(said) or address
