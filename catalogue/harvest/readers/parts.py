"""The distributions of a dataset, where each has a document of its own (FAIR Data Points).

They are fetched with the dataset and read together with it, so that its description is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from catalogue.errors import Problem, Severity
from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parser, SourceDocument
from catalogue.harvest.readers import documents
from catalogue.harvest.readers.batches import GONE, Read, is_here
from catalogue.harvest.readers.hydra import reached
from catalogue.harvest.reading import Remote
from catalogue.terms import iri_of

_WAYS = ("<http://www.w3.org/ns/dcat#distribution>", "<http://www.w3.org/ns/adms#sample>")
#: So many are fetched for one page of ours, and for one dataset.
_MOST = 200


class Parts:
    """Fetches what a source tells of distributions."""

    def __init__(self, fetcher: Fetcher, parser: Parser, source: str) -> None:
        self.fetcher, self.parser, self.source = fetcher, parser, source

    def joined(
        self, read: Sequence[Read], faults: list[str]
    ) -> tuple[Sequence[Remote], Sequence[Read]]:
        """The descriptions in some documents, with those of their distributions elsewhere.

        Also the documents that have to wait for the next page, because there are many.
        """
        found: list[Remote] = []
        together: list[SourceDocument] = []
        problems: list[list[Problem]] = []
        later: Sequence[Read] = ()
        asked = 0
        for position, one in enumerate(read):
            parts = sorted(self._of(one))
            if not parts:
                found += one.parsed.found
                continue
            if asked and asked + len(parts) > _MOST:
                later = read[position:]
                break
            if len(parts) > _MOST:
                faults.append(
                    f"{one.address} has {len(parts):,} distributions in documents of their own; "
                    f"the first {_MOST} were read."
                )
            asked += len(parts)
            more, wrong = self._fetched(parts[:_MOST])
            together.append(replace(SourceDocument.of(one.got.answer), parts=tuple(more)))
            problems.append(wrong)
        return [*found, *self._parsed(together, problems)], later

    def _of(self, read: Read) -> set[str]:
        """The distributions of the dataset of a document that are described elsewhere."""
        return {
            part
            for remote in read.parsed.found
            if remote.kind == "dataset" and read.is_of(remote.iri)
            for part in _undescribed(remote)
            if is_here(part, read, self.source)
        }

    def _fetched(self, parts: Iterable[str]) -> tuple[list[SourceDocument], list[Problem]]:
        found, problems = [], []
        for iri in parts:
            try:
                got = documents.get(self.fetcher, reached(iri, self.source)[0])
            except FetchError as error:
                # One that is gone is gone; of one that may come back nothing may be lost.
                severity: Severity = "warning" if error.status in GONE else "violation"
                problems.append(Problem(("distribution",), str(error), severity, "fetch"))
            else:
                if not got.is_page:
                    found.append(SourceDocument.of(got.answer))
        return found, problems

    def _parsed(
        self, together: Sequence[SourceDocument], problems: Sequence[Sequence[Problem]]
    ) -> list[Remote]:
        parsed = self.parser.read(together) if together else ()
        return [
            replace(one, problems=(*one.problems, *wrong)) if one.kind == "dataset" else one
            for document, wrong in zip(parsed, problems, strict=True)
            for one in document.found
        ]


def _undescribed(remote: Remote) -> set[str]:
    """The distributions that a description points to and says nothing of."""
    subjects, objects = set(), set()
    for line in remote.raw.decode("utf-8").split("\n"):
        subject, _, rest = line.partition(" ")
        predicate, _, value = rest.partition(" ")
        subjects.add(subject)
        if predicate in _WAYS and value.startswith("<"):
            objects.add(value.removesuffix(".").rstrip())
    return {iri_of(one) for one in objects - subjects}
