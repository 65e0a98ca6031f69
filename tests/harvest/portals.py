"""A portal of somebody else: datasets of health data behind a paged feed in Turtle."""

from __future__ import annotations

from typing import Any

from factories import agent, dataset
from harvest.sites import Reply, Request, Site

from catalogue.profile import Names, Profile
from catalogue.terms import Statement, iri, literal

BASE = "https://portal.example/"
_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_HYDRA = "http://www.w3.org/ns/hydra/core#"
_DCAT = "http://www.w3.org/ns/dcat#"
_XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
CONDITIONS = (
    "Heart failure",
    "Prostate cancer",
    "Dementia",
    "Multiple myeloma",
    "Stroke",
    "Atrial fibrillation",
    "Type 2 diabetes",
    "Asthma",
    "Breast cancer",
    "Acute myeloid leukaemia",
)


class Portal:
    """Serves ``datasets`` (documents by key) at ``/catalogue.ttl``, ``size`` to a page.

    ``base`` is what its addresses begin with; ``stated`` is how many it says it has, if it lies.
    ``spoiled`` are pages, by number from 1, that come as something else.
    """

    def __init__(self, site: Site, profile: Profile, size: int = 4, base: str = BASE) -> None:
        self.site, self.profile, self.size, self.base = site, profile, size, base
        self.datasets: dict[str, dict[str, Any]] = {}
        self.agents: dict[str, dict[str, Any]] = {"ghent": agent()}
        self.stated: int | None = None
        self.spoiled: dict[int, Reply] = {}
        self.more: list[str] = []
        self.address = site.put("/catalogue.ttl", self._page)

    def fill(self, number: int) -> Portal:
        """Describe so many datasets."""
        for n in range(number):
            name = f"{CONDITIONS[n % len(CONDITIONS)]} cohort {n}"
            self.datasets[f"cohort-{n}"] = dataset(
                title={"en": name}, identifier=[f"cohort-{n}"], number_of_unique_individuals=n + 100
            )
        return self

    def iri(self, key: str) -> str:
        """The address of a dataset."""
        return f"{self.base}id/dataset/{key}"

    def statements(self, kind: str, key: str, document: dict[str, Any]) -> list[Statement]:
        """What the portal says of one record."""
        shape = self.profile.records[kind]
        loaded, problems = shape.load(document)
        assert not problems, problems
        return list(shape.describe(shape.identify(loaded), Names(self.base, f"id/{kind}/{key}")))

    def _page(self, request: Request) -> str | Reply:
        number = int(request.query.get("page", "1"))
        if number in self.spoiled:
            return self.spoiled[number]
        keys = list(self.datasets)
        shown = keys[(number - 1) * self.size : number * self.size]
        catalogue, view = iri(self.base + "catalogue"), iri(self._address(number))
        lines = [
            (catalogue, _A, iri(_DCAT + "Catalog")),
            (catalogue, "<http://purl.org/dc/terms/title>", literal("A portal", language="en")),
            (view, _A, iri(_HYDRA + "PartialCollectionView")),
            (
                catalogue,
                iri(_HYDRA + "totalItems"),
                literal(str(len(keys) if self.stated is None else self.stated), _XSD_INTEGER),
            ),
        ]
        if number * self.size < len(keys):
            lines.append((view, iri(_HYDRA + "next"), iri(self._address(number + 1))))
        for key, document in self.agents.items():
            lines += self.statements("agent", key, document)
        for key in shown:
            lines.append((catalogue, iri(_DCAT + "dataset"), iri(self.iri(key))))
            lines += self.statements("dataset", key, self.datasets[key])
        text = "".join(" ".join(line) + " .\n" for line in lines)
        return text + "\n".join(self.more)

    def _address(self, number: int) -> str:
        return self.address + (f"?page={number}" if number > 1 else "")
