"""A SPARQL endpoint: the datasets in it in the order of their IRIs, described a batch at a time.

Options: ``graph``, the named graph to look in; ``class``, what datasets are instances of if not
of ``dcat:Dataset``; ``batch``, how many are asked for at once; ``query``, a CONSTRUCT of one's
own, with ``$offset`` and ``$limit`` in it, or ``$datasets`` in a VALUES clause.

Pages are cut by the last IRI and not by OFFSET: Virtuoso refuses ORDER BY beyond 10,000 rows of
offset and limit together, and an offset counts anew what others add and remove meanwhile.
Virtuoso also cuts off every answer at 10,000 rows, and an answer that took too long where it
stands, with status 200; it says so in headers only.  A batch that was cut is asked for again in
halves.
Sources: SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from catalogue.harvest.fetch import Fetched, Fetcher, FetchError
from catalogue.harvest.parsing import Parser, SourceDocument
from catalogue.harvest.readers.batches import digest_of, failure
from catalogue.harvest.readers.endpoint import Endpoint, NotAnswered, Value, is_cut
from catalogue.harvest.reading import Asked, Page, Place, Unreadable
from catalogue.terms import fault_of_iri, literal

_DATASET = "http://www.w3.org/ns/dcat#Dataset"
_BATCH, _MOST = 100, 1_000
#: A page of a query of one's own: it may end before the limit, so it ends when nothing comes.
_OWN = ("$offset", "$limit")
#: What has a description of its own: it is named, and not told again with each dataset.
_APART = (
    "dcat:Dataset dcat:DatasetSeries dcat:Catalog dcat:CatalogRecord skos:Concept "
    "skos:ConceptScheme"
)
_PREFIXES = (
    "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
)


class SparqlReader:
    """Asks an endpoint."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        self.asked, self.parser = asked, parser
        self.endpoint = Endpoint(fetcher, asked.address)
        told = asked.options
        self.graph, self.query = str(told.get("graph") or ""), str(told.get("query") or "")
        self.class_ = str(told.get("class") or _DATASET)
        self.size = _size(told.get("batch"))
        for name, iri in (("graph", self.graph), ("class", self.class_)):
            if iri and (fault := fault_of_iri(iri)):
                raise Unreadable(f"The option “{name}” is the IRI of something; {iri} {fault}.")

    def page(self, place: Place | None) -> Page:
        """The datasets after the last one read."""
        place = place or {}
        self.endpoint.by_get = self.endpoint.by_get or bool(place.get("by_get"))
        try:
            if self.query and "$datasets" not in self.query:
                return self._own(int(place.get("offset", 0)))
            return self._batch(place)
        except FetchError as error:
            raise Unreadable(str(error)) from None
        except NotAnswered as error:
            raise Unreadable(f"{self.asked.address} cannot be read. {error}") from None

    # in the order of IRIs -------------------------------------------------------------------

    def _batch(self, place: Place) -> Page:
        """The next datasets, and what is said of them."""
        faults: list[str] = []
        if "after" in place:
            total, everywhere = place.get("total"), bool(place.get("everywhere"))
        else:
            total, everywhere = self._size_up(faults)
        after = str(place.get("after", ""))
        names = [one.text for one in self._names(after, everywhere)]
        if names and after and min(names) <= after and names[-1] <= after:
            raise NotAnswered("It does not keep to the order that it was asked for.")
        sound = [one for one in names if not fault_of_iri(one)]
        cut: list[str] = []
        documents = self._described(sound, everywhere, cut)
        parsed = self.parser.read([SourceDocument.of(one) for one in documents])
        found = [remote for one in parsed for remote in one.found if remote.iri not in cut]
        told = {*cut, *(one.iri for one in found)}
        failed = [
            *(failure(one, f"{one} {fault_of_iri(one)}.") for one in names if one not in sound),
            *(
                failure(one, f"The server gives only a part of what it knows of {one}.")
                for one in cut
            ),
        ]
        following = {
            "after": names[-1] if names else after,
            "total": total,
            "everywhere": everywhere,
            "by_get": self.endpoint.by_get,
        }
        return Page(
            address=self.asked.address,
            found=[*found, *failed],
            next={k: v for k, v in following.items() if v} if len(names) == self.size else None,
            total=total,
            named=[one for one in sound if one not in told],
            problems=[*faults, *(fault for one in parsed for fault in one.problems)],
            whole=all(one.whole for one in parsed),
            digest=digest_of([(after, b""), *(("", one.content) for one in documents)]),
        )

    def _size_up(self, faults: list[str]) -> tuple[int, bool]:
        """How many datasets there are, and whether only the named graphs have them."""
        total = self._count(everywhere=False)
        everywhere = False
        if not total and not self.graph:
            # The default graph of some stores is empty, or not the union of the others.
            total = self._count(everywhere=True)
            everywhere = total > 0
            if everywhere:
                faults.append("The default graph is empty; all named graphs were read instead.")
        if total and self.endpoint.truth(
            f"ASK {{ {self._are('?d', everywhere)} FILTER(isBlank(?d)) }}"
        ):
            faults.append(
                "Some datasets are blank nodes, which cannot be told apart from one day to the "
                "next; they were left out. Those who run the endpoint may give them IRIs."
            )
        if not total:
            where = f"the graph {self.graph}" if self.graph else "any graph"
            faults.append(f"There is no instance of {self.class_} in {where}.")
        return total, everywhere

    def _count(self, everywhere: bool) -> int:
        told = self.endpoint.column(
            f"SELECT (COUNT(DISTINCT ?d) AS ?number) WHERE {{ {self._are('?d', everywhere)} }}"
        )
        text = told[0].text if told else ""
        if not (text.isascii() and text.isdigit()):
            raise NotAnswered("It cannot count its datasets.")
        return int(text)

    def _names(self, after: str, everywhere: bool) -> Sequence[Value]:
        later = f" && STR(?d) > {literal(after)}" if after else ""
        return self.endpoint.column(
            f"SELECT DISTINCT ?d WHERE {{ {self._are('?d', everywhere)} "
            f"FILTER(isIRI(?d){later}) }} ORDER BY STR(?d) LIMIT {self.size}"
        )

    def _described(self, names: Sequence[str], everywhere: bool, cut: list[str]) -> list[Fetched]:
        """What is said of some datasets, in as many answers as the limits of the server need.

        Those of which even one alone is too much are put into ``cut``.
        """
        if not names:
            return []
        query = self._construct(names, everywhere)
        if len(names) == 1 or len(query.encode()) <= self.endpoint.longest:
            answer = self.endpoint.graph(query)
            if not is_cut(answer):
                return [answer]
            if len(names) == 1:
                cut += names
                return [answer]
        middle = len(names) // 2
        return [
            *self._described(names[:middle], everywhere, cut),
            *self._described(names[middle:], everywhere, cut),
        ]

    def _construct(self, names: Sequence[str], everywhere: bool) -> str:
        """The query for datasets with their parts, three steps deep.

        Each branch gives one statement a row, so that rows do not multiply.
        """
        listed = " ".join(f"<{one}>" for one in names)
        if self.query:
            return self.query.replace("$datasets", listed)
        number = count()

        def told(pattern: str) -> str:
            return self._in(pattern, everywhere, next(number))

        branches, chain, before = [told("?d ?p ?o")], "", "?d"
        for step in range(1, 4):
            node, class_ = f"?n{step}", f"?c{step}"
            is_apart = f"VALUES {class_} {{ {_APART} }} {told(f'{node} a {class_}')}"
            chain += f"{told(f'{before} ?p{step} {node}')} FILTER(!isLiteral({node})) "
            chain += f"FILTER NOT EXISTS {{ {is_apart} }} "
            branches.append(f"{chain} {told(f'{node} ?q ?v')} BIND({node} AS ?s)")
            before = node
        listed = f"VALUES ?d {{ {listed} }}"
        where = " UNION ".join(f"{{ {listed} {one} }}" for one in branches)
        typed = f" ?d a <{_DATASET}> ." if self.class_ != _DATASET else ""
        return f"{_PREFIXES} CONSTRUCT {{ ?d ?p ?o . ?s ?q ?v .{typed} }} WHERE {{ {where} }}"

    def _are(self, node: str, everywhere: bool) -> str:
        return self._in(f"{node} a <{self.class_}>", everywhere, 0)

    def _in(self, pattern: str, everywhere: bool, number: int) -> str:
        """A pattern in the graph that was named, in any graph, or in the default graph."""
        if self.graph:
            return f"GRAPH <{self.graph}> {{ {pattern} }}"
        return f"GRAPH ?g{number} {{ {pattern} }}" if everywhere else f"{pattern} ."

    # by a query of one's own ------------------------------------------------------------------

    def _own(self, offset: int) -> Page:
        """A page of the query that somebody wrote."""
        query = self.query.replace("$offset", str(offset)).replace("$limit", str(self.size))
        answer = self.endpoint.graph(query)
        parsed = self.parser.read([SourceDocument.of(answer)])[0]
        is_paged = any(one in self.query for one in _OWN)
        faults = list(parsed.problems)
        if is_cut(answer):
            faults.append(
                "The server gave only a part of the answer; write $limit and $offset into the "
                "query, with a smaller “batch”."
            )
        return Page(
            address=self.asked.address,
            found=parsed.found,
            next={"offset": offset + self.size} if is_paged and parsed.found else None,
            problems=faults,
            whole=parsed.whole and not is_cut(answer),
            digest=digest_of([("", answer.content)]),
        )


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> SparqlReader:
    """A reader of a source."""
    return SparqlReader(asked, fetcher, parser)


def _size(said: object) -> int:
    try:
        size = int(str(said)) if said else _BATCH
    except ValueError:
        raise Unreadable(f"The option “batch” is a number; “{said}” is none.") from None
    return min(max(1, size), _MOST)
