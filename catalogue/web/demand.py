"""For administrators: what many looked for and nobody found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response

from catalogue.errors import CatalogueError
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
    """A search or question in words: “heart failure”; Country: Belgium."""
    try:
        return catalogue.saying.title_of(session, catalogue.asking.read(address))
    except CatalogueError:  # asked under another profile
        return address
