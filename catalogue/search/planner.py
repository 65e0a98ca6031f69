"""From what somebody typed to a plan: words into names, names into everything they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from catalogue.search.analysis import fold, terms, tokens
from catalogue.search.engine import Reader, Request
from catalogue.search.language import (
    All,
    Begins,
    Either,
    InField,
    Part,
    Quoted,
    Said,
    Without,
    Word,
    read,
    span_of,
)
from catalogue.search.plan import (
    STATED,
    Choice,
    Criterion,
    Plan,
    Variant,
    any_of,
    each_once,
    joined,
    key_of,
    of_terms,
    side_by_side,
)
from catalogue.search.query import NOT_STATED, Query
from catalogue.search.searched import Searched
from catalogue.search.spelling import Spelling
from catalogue.search.thesaurus import (
    NARROWER,
    SPELLING,
    Match,
    Thesaurus,
    Typed,
    is_code,
    typed_of,
)
from catalogue.search.tree import (
    EVERYWHERE,
    And,
    Best,
    Exact,
    Fields,
    Node,
    Not,
    Phrase,
    Prefix,
    Tagged,
    Term,
    Within,
)
from catalogue.vocabulary import Concept

#: A name that is exactly what was typed comes first, then one that holds it side by side,
#: then one of the same concept, then one that holds all of its words.
_EXACT, _SIDE_BY_SIDE, _SAME_CONCEPT, _ALL_WORDS = 1000.0, 100.0, 50.0, 20.0
#: Who types a code wants those that use the code before those that name what it stands for.
_NAMES_OF_CODE = 0.3
#: Words that every description might hold, and those one asks with: they help to order, but
#: exclude nothing.
_WEAK = frozenset(
    terms(
        "data dataset datasets database databases databank source sources information patients "
        "people persons participants individuals Daten datos données "
        "about concerning regarding related find looking search show need want"
    )
)


class Planner:
    """Plans searches over the fields, facets, ranges and vocabularies of one kind of thing."""

    def __init__(self, thesaurus: Thesaurus, searched: Searched) -> None:
        self._thesaurus, self._searched = thesaurus, searched
        self._vocabularies, self._facets = searched.vocabularies, searched.facets
        self._schemes = {name: one.scheme for name, one in searched.facets.items() if one.scheme}
        self._boosts, self._names = searched.boosts, searched.names
        self._fields = {*searched.boosts, *searched.facets, *searched.ranges}
        self._called = _called(searched)

    def plan(self, query: Query, reader: Reader, spelling: Spelling) -> Plan:
        """What to look for; ``reader`` tells which words there are."""
        said = read(query.text, self._fields, self._called)
        planning = _Planning(self, query, reader, spelling)
        planning.plan.notes += dict.fromkeys(said.notes)
        planning.plan.criteria = list(
            planning.stop_words(said.parts) or planning.criteria(said.parts)
        )
        if query.text and not planning.plan.criteria:
            planning.plan.notes.append(
                f"There is no word to look for in “{query.text[:60]}”, so it leaves nothing out."
            )
        planning.plan.bonuses = tuple(self._bonuses(said, planning.plan))
        return planning.plan

    def _bonuses(self, said: Said, plan: Plan) -> Iterator[tuple[Node, float]]:
        """Names that are what was typed, or hold it, are put first."""
        if not all(isinstance(part, Word | Quoted) for part in said.parts) or not said.parts:
            return
        words = " ".join(
            plan.corrections.get(part.text, part.text)
            for part in said.parts
            if isinstance(part, Word | Quoted)
        )
        found = [token for token in tokens(words) if token.term]
        if not found:
            return
        together = tuple(token.term for token in found)
        if len(plan.required) == 1 and plan.required[0].concepts and not is_code(words):
            names = [one.node for one in plan.required[0].variants if one.kind != NARROWER]
            inside = tuple(
                replace(node, fields=self._names)
                for node in names
                if isinstance(node, Term | Phrase)
            )
            if inside:
                yield Best(inside), _SAME_CONCEPT
        yield And(tuple(Term(term, self._names) for term in together)), _ALL_WORDS
        places = tuple(token.place - found[0].place for token in found)
        yield (
            (
                Phrase(together, places, self._names)
                if len(together) > 1
                else Term(together[0], self._names)
            ),
            _SIDE_BY_SIDE,
        )
        yield Exact(together), _EXACT


class _Planning:
    """One plan in the making."""

    def __init__(self, planner: Planner, query: Query, reader: Reader, spelling: Spelling) -> None:
        self._of, self._query, self._reader, self._spelling = planner, query, reader, spelling
        self.plan = Plan()

    def criteria(self, parts: Sequence[Part]) -> Iterator[Criterion]:
        """The criteria of some parts; words side by side are read together."""
        run: list[str] = []
        for part in parts:
            if isinstance(part, Word):
                run.append(part.text)
                continue
            yield from self._words(run)
            run = []
            if (one := self._criterion(part)) is not None:
                yield one
        yield from self._words(run)

    def _criterion(self, part: Part) -> Criterion | None:
        match part:
            case Quoted(text):
                found = [token for token in tokens(text) if token.term]
                if not found:
                    return None
                node = side_by_side(text)
                return Criterion(f"“{text}”", node, node, terms(text), loosely=text)
            case Begins(text):
                node = self._beginning(text, EVERYWHERE)
                return Criterion(f"{text}*", node, node)
            case InField(name, inner):
                return self._in_field(name, inner)
            case Without(inner):
                inside = list(self._unexpanded([inner]))
                if not inside:
                    return None
                said = " ".join(one.said for one in inside)
                if isinstance(inner, Either | All):
                    said = f"({said})"
                no = Not(And(tuple(one.node for one in inside)))
                return Criterion(f"-{said}", no, no, negated=True)
            case Either(parts):
                inside = [one for one in (self._together([p]) for p in parts) if one]
                return joined(inside, " OR ", any_of=True)
            case All(parts):
                return self._together(parts)
        return None

    def _together(self, parts: Sequence[Part]) -> Criterion | None:
        return joined(list(self.criteria(parts)), " ", any_of=False)

    def _unexpanded(self, parts: Sequence[Part]) -> Iterator[Criterion]:
        """What must not be there means only what is typed."""
        before, self._query = self._query, replace(self._query, expand=False)
        yield from list(self.criteria(parts))
        self._query = before

    # words --------------------------------------------------------------------------

    def stop_words(self, parts: Sequence[Part]) -> list[Criterion]:
        """The criteria of a query of stop words only, which are meant then; else none.

        One that is an acronym in capitals (``all``, ``who``) is that if it is said to be.
        """
        words = [part.text for part in parts if isinstance(part, Word)]
        typed = [typed_of(text) for text in words]
        if len(words) < len(parts) or any(one.terms for one in typed):
            return []
        if len(typed) == 1 and (concepts := self._of._thesaurus.called(typed[0])):
            if typed[0].exact:
                return []
            if any(map(self._is_chosen, concepts)):
                word = Typed(words[0], terms(words[0]))
                return [self._meant(Match(0, 1, concepts, as_written=False), [word])]
            self.plan.choices.append(Choice(words[0], concepts))
        return [
            Criterion(text, node, node, found)
            for text, one in zip(words, typed, strict=True)
            if (found := (one.exact,) if one.exact else terms(text))
            for node in [of_terms(found)]
        ]

    def _words(self, run: Sequence[str]) -> Iterator[Criterion]:
        if not run:
            return
        typed = [typed_of(text) for text in run]
        if not self._query.expand:
            yield from self._each(typed, alone=len(run) == 1)
            return
        typed = self._corrected(typed)
        at = 0
        for match in self._of._thesaurus.matches(typed):
            yield from self._plainly(typed[at : match.begin], False)
            yield self._meant(match, typed[match.begin : match.end])
            at = match.end
        yield from self._plainly(typed[at:], len(typed) == 1)

    def _plainly(self, typed: Sequence[Typed], alone: bool) -> Iterator[Criterion]:
        """Words that are no name; those written apart that are one word are that as well."""
        at = 0
        while at < len(typed):
            joined = next(filter(None, (self._joint(typed[at : at + n]) for n in (3, 2))), None)
            if joined is not None:
                yield joined
                at += len(joined.said.split())
            else:
                yield from self._each(typed[at : at + 1], alone)
                at += 1

    def _each(self, typed: Sequence[Typed], alone: bool) -> Iterator[Criterion]:
        """Words as typed.  A stop word in capitals is an acronym if it is alone, or is known."""
        for one in typed:
            if one.terms:
                yield self._plain(one)
            elif one.exact and (alone or self._reader.frequency(one.exact)):
                node = Term(one.exact)
                yield Criterion(one.text, node, node, (one.exact,))

    def _joint(self, some: Sequence[Typed]) -> Criterion | None:
        """Words side by side that some descriptions write as one (``child care``)."""
        if len(some) < 2 or not all(one.text.isalpha() for one in some):
            return None
        together = typed_of("".join(one.text for one in some))
        if not self._known(together):
            return None
        apart = And(tuple(of_terms(one.terms or terms(one.text)) for one in some))
        one_word = of_terms(together.terms)
        variant = Variant(together.text.casefold(), together.text, SPELLING, one_word)
        taken = variant.key in self._query.without
        return Criterion(
            " ".join(one.text for one in some),
            apart,
            apart if taken else any_of(apart, [variant]),
            tuple(term for one in some for term in one.terms),
            () if taken else (variant,),
            (variant,) if taken else (),
        )

    def _corrected(self, typed: list[Typed]) -> list[Typed]:
        """The words, with those that no description holds put right where that can be."""
        meant = {
            place
            for match in self._of._thesaurus.matches(typed)
            for place in range(match.begin, match.end)
        }
        found: list[Typed] = []
        at = 0
        while at < len(typed):
            one = typed[at]
            if at in meant or not one.terms or self._known(one):
                found.append(one)
                at += 1
                continue
            taken = (
                self._spelling.nearest(one.text, 1)
                or self._spelling.split(one.text, self._known)
                or self._spelling.nearest(one.text)
            )
            if taken and not self._of._thesaurus.having(one):
                self.plan.corrections[one.text] = taken
                found += [typed_of(word) for word in taken.split()]
            else:
                found.append(one)
            at += 1
        return found

    def _known(self, typed: Typed) -> bool:
        return bool(typed.terms) and all(self._reader.frequency(term) for term in typed.terms)

    def _plain(self, typed: Typed) -> Criterion:
        node = of_terms(typed.terms)
        if self._query.expand and not self._known(typed):
            concepts = self._of._thesaurus.having(typed)
            if concepts:
                return self._by_part(typed, node, concepts)
        return Criterion(
            typed.text,
            node,
            node,
            typed.terms,
            optional=all(term in _WEAK for term in typed.terms),
        )

    def _by_part(self, typed: Typed, node: Node, concepts: Sequence[Concept]) -> Criterion:
        """A word that no description holds stands for the concepts whose names have it."""
        variants = each_once(
            [
                one
                for concept in concepts
                for one in (*self._tags(concept), *self._names(concept, (), ()))
            ]
        )
        kept = tuple(one for one in variants if one.key not in self._query.without)
        removed = tuple(one for one in variants if one.key in self._query.without)
        return Criterion(
            typed.text, node, any_of(node, kept), typed.terms, kept, removed, tuple(concepts)
        )

    def _meant(self, match: Match, typed: Sequence[Typed]) -> Criterion:
        """Words that are a name, with everything else that the concept is called."""
        concepts = match.concepts
        said = " ".join(one.text for one in typed)
        whole = tuple(term for one in typed for term in one.terms)
        as_typed = of_terms(whole) if whole else Term(typed[0].exact)
        limited = not match.as_written
        if match.ambiguous or limited:
            chosen = [one for one in concepts if self._is_chosen(one)]
            self.plan.choices.append(
                Choice(said, concepts, chosen[0].iri if len(chosen) == 1 else "")
            )
            if chosen:
                concepts, limited = tuple(chosen), False
            else:
                limited = True
        variants: list[Variant] = []
        for concept in concepts:
            variants += self._tags(concept)
            if not limited:
                variants += self._names(concept, whole, typed)
        kept = [one for one in each_once(variants) if one.key not in self._query.without]
        removed = [one for one in each_once(variants) if one.key in self._query.without]
        acronym = len(typed) == 1 and bool(typed[0].exact)
        first = Term(typed[0].exact) if acronym and not limited and match.as_written else as_typed
        base = self._base(first, said, whole, concepts, kept)
        node = any_of(base, kept, _NAMES_OF_CODE if is_code(said) else 1)
        criterion = Criterion(
            said, first, node, whole, tuple(kept), tuple(removed), tuple(concepts)
        )
        return self._widened(criterion) if not limited else criterion

    def _is_chosen(self, concept: Concept) -> bool:
        """Whether the meaning was chosen, or a facet fixes it."""
        if concept.iri in self._query.meaning:
            return True
        return any(concept.iri in values for values in self._query.chosen.values())

    @staticmethod
    def _base(
        typed: Node,
        said: str,
        whole: tuple[str, ...],
        concepts: Sequence[Concept],
        kept: Sequence[Variant],
    ) -> Node:
        """The words as typed.

        All names of a concept must find the same: so the words of the preferred name may
        stand apart, and those of any other name stand side by side, whichever was typed.
        """
        if len(whole) < 2 or not kept or any(terms(one.label()) == whole for one in concepts):
            return typed
        return side_by_side(said)

    def _names(
        self, concept: Concept, whole: tuple[str, ...], typed: Sequence[Typed]
    ) -> Iterator[Variant]:
        preferred = terms(concept.label())
        for name in self._of._thesaurus.variants(concept):
            if name.exact and len(typed) == 1 and name.exact == typed[0].exact:
                continue
            if not name.exact and name.terms == whole:
                continue
            node: Node = name.node()
            if name.terms == preferred and not name.exact:
                node = of_terms(preferred)
            yield Variant(key_of(name), name.text, name.kind, node, name.language)

    def _tags(self, concept: Concept) -> Iterator[Variant]:
        for facet, scheme in self._of._schemes.items():
            if scheme == concept.scheme:
                node = Tagged(facet, frozenset({concept.iri}))
                label = f"{self._of._facets[facet].label}: {concept.label()}"
                yield Variant(f"{facet}:{concept.code}", label, STATED, node)

    def _widened(self, criterion: Criterion) -> Criterion:
        """Where no record has a concept, those that have the one above it, and a word on it."""
        if not criterion.concepts or self._holds(criterion.node):
            return criterion
        for concept in criterion.concepts:
            for above in self._of._thesaurus.broader(concept):
                variants = [*self._tags(above), *self._names(above, (), ())]
                kept = tuple(one for one in variants if one.key not in self._query.without)
                node = any_of(criterion.typed, kept)
                if kept and self._holds(node):
                    self.plan.notes.append(
                        f"No description states {concept.label()}; these are about "
                        f"{above.label()}, which includes it."
                    )
                    return replace(criterion, node=node, variants=kept, wider=above.label())
        return criterion

    def _holds(self, node: Node) -> bool:
        """Whether any record fulfils a node; mostly the words as typed are enough to know."""
        parts = node.parts if isinstance(node, Best) else (node,)
        return any(
            self._reader.find(Request(part, self._query.kind, limit=0)).total for part in parts
        )

    # fields -------------------------------------------------------------------------

    def _in_field(self, name: str, part: Word | Quoted | Begins) -> Criterion:
        said = f"{name}:“{part.text}”" if isinstance(part, Quoted) else f"{name}:{part.text}"
        nodes: list[Node] = []
        if name in self._of._searched.ranges:
            if part.text == NOT_STATED:
                node: Node = Not(Within(name))
                return Criterion(said, node, node)
            if (span := span_of(part.text)) is not None:
                node = Within(name, *span)
                return Criterion(said, node, node)
            self.plan.notes.append(
                f"“{part.text}” is not a range; write it like {name}:>100 or {name}:100..5000."
            )
        if name in self._of._boosts:
            fields = frozenset({name})
            if isinstance(part, Begins):
                nodes.append(self._beginning(part.text, fields))
            elif found := terms(part.text):
                inside = (
                    side_by_side(part.text, fields) if len(found) > 1 else Term(found[0], fields)
                )
                nodes.append(inside)
        if name in self._of._facets:
            nodes += self._tagged(name, part.text)
        node = (
            Best(tuple(nodes))
            if len(nodes) > 1
            else nodes[0]
            if nodes
            else of_terms(terms(part.text) or (part.text,))
        )
        return Criterion(said, node, node, loosely=part.text)

    def _tagged(self, facet: str, text: str) -> Iterator[Node]:
        scheme = self._of._schemes.get(facet)
        value = self._of._vocabularies.resolve(scheme, text) if scheme else text
        yield Tagged(facet, frozenset({value or text}))

    def _beginning(self, text: str, fields: Fields) -> Node:
        """Words that begin so; the stem of the whole word counts too, for terms are stems."""
        start = fold("".join(c for c in text if c.isalnum()))
        stems = terms(text)
        if not stems:
            return Prefix(start, fields)
        return Best((Prefix(start, fields), of_terms(stems, fields)))


def _called(searched: Searched) -> dict[str, str]:
    """The names of facets by each term that the label of no other facet has."""
    having: dict[str, set[str]] = {}
    for name, facet in searched.facets.items():
        for term in terms(facet.label):
            having.setdefault(term, set()).add(name)
    return {term: next(iter(names)) for term, names in having.items() if len(names) == 1}
