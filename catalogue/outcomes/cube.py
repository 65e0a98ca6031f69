"""The data cube: outcome domain × source × disease stage, and where the gaps are.

A *slice* is one disease, perhaps one stage of it, against outcome domains or the items of a set.
Totals are over all sources of the slice; rows and sources that are filled most come first, so a
picture of it falls off towards the gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalogue.errors import BadRequest, Problem
from catalogue.outcomes.columns import Mask
from catalogue.outcomes.grid import Grid, grid_of_set, grid_of_wholes
from catalogue.outcomes.intervals import OPEN
from catalogue.outcomes.questions import Criterion
from catalogue.outcomes.sets import Member, Sets
from catalogue.outcomes.states import ItemState
from catalogue.outcomes.table import Table
from catalogue.profile import Profile
from catalogue.profile.criteria import CONDITION, OUTCOME_DOMAIN, SOURCE_TYPE, STAGE
from catalogue.vocabulary import Concept, Vocabulary

#: The value of ``stage`` for sources that do not say which stages they hold.
NOT_STATED = "not-stated"
#: The value of ``rows`` for the domains of outcomes.
DOMAINS = "domains"
#: The note of a set that names the disease whose cube has its items as rows.
CUBE_OF = "cubeOf"
#: How many readings of a word that is not clear are told.
_MEANT = 6


@dataclass(frozen=True)
class Slice:
    """What of the cube is asked for; no stage means all, no set means the domains of outcomes."""

    disease: Concept
    stage: Concept | None = None
    unstaged: bool = False
    set: Concept | None = None

    def parameters(self, **changed: str) -> list[tuple[str, str]]:
        """The slice as the parameters of an address; another stage or other rows if named."""
        stage = NOT_STATED if self.unstaged else self.stage.code if self.stage else ""
        said = {
            "disease": self.disease.code,
            "stage": stage,
            "rows": self.set.code if self.set else DOMAINS,
            **changed,
        }
        return [(name, value) for name, value in said.items() if value]


@dataclass(frozen=True)
class Cut:
    """Some of the sources: those of one stage or of one kind."""

    concept: Concept
    sources: int


@dataclass(frozen=True)
class Row:
    """One outcome domain or item: how many sources are in each state.

    ``gap`` if no other is collected by fewer; ``of_stages`` and ``of_types`` tell how many of
    each cut collect it.
    """

    member: Member
    counts: Mapping[ItemState, int]
    gap: bool
    of_stages: Sequence[int] = ()
    of_types: Sequence[int] = ()

    @property
    def collected(self) -> int:
        """How many sources collect it."""
        return self.counts[ItemState.COLLECTED]


@dataclass(frozen=True)
class Cube:
    """One slice: its rows, and its sources as the lines of a grid, those filled most first."""

    slice: Slice
    rows: Sequence[Row]
    grid: Grid
    stages: Sequence[Cut]
    types: Sequence[Cut]
    unstaged: int
    sources: int

    @property
    def gaps(self) -> Sequence[Row]:
        """The rows that the fewest collect."""
        return [one for one in self.rows if one.gap]

    @property
    def silent(self) -> int:
        """How many sources state nothing of any row."""
        return int((~self.grid.answers).sum())


class Cubes:
    """Reads what is asked of the cube, and answers it."""

    def __init__(self, profile: Profile, sets: Sets) -> None:
        self._vocabularies, self._sets = profile.vocabularies, sets
        kinds = profile.criteria
        self._disease = kinds.get(CONDITION)
        self._type = kinds.get(SOURCE_TYPE)
        self._stages = self._disease.qualifiers.get(STAGE) if self._disease else None
        self._domains = kinds[OUTCOME_DOMAIN].vocabulary if OUTCOME_DOMAIN in kinds else None

    # what is asked -------------------------------------------------------------------

    def read(self, disease: str, stage: str = "", rows: str = "") -> Slice:
        """The slice that some parameters mean; raises :class:`BadRequest` that says what is wrong."""
        found = self.disease(disease)
        asked = Slice(found, set=self._rows(rows, found))
        if stage == NOT_STATED:
            return replace(asked, unstaged=True)
        return replace(asked, stage=self._stage(stage, found)) if stage else asked

    def disease(self, text: str) -> Concept:
        """The condition somebody means by a code, a name or the beginning of one."""
        vocabulary = self._conditions
        value = self._vocabularies.resolve(vocabulary.name, text)
        if (known := vocabulary.concepts.get(value)) is not None:
            return known
        meant = [vocabulary.concepts[iri] for iri, _ in vocabulary.picker.like(text, _MEANT)]
        if len(meant) == 1:
            return meant[0]
        if meant:
            names = "; ".join(f"{one.label()} ({one.code})" for one in meant)
            raise _wrong("disease", f'"{text[:60]}" may mean {names}. Choose one by its code.')
        raise _wrong(
            "disease",
            f'there is no condition "{text[:60]}"; /vocabularies/{vocabulary.name} has those known',
        )

    @property
    def _conditions(self) -> Vocabulary:
        if self._disease is None or self._disease.vocabulary is None:
            raise BadRequest("This catalogue's profile knows no conditions, so there is no cube.")
        return self._disease.vocabulary

    def stages_of(self, disease: Concept) -> Sequence[Concept]:
        """The stages of a disease, those of narrower and broader conditions included."""
        known = self._stages.concepts.values() if self._stages else ()
        return self._made_for(disease, known)

    def sets_of(self, disease: Concept) -> Sequence[Concept]:
        """The sets made for a disease or a broader one: what its rows may be."""
        known = self._sets.every.values()
        return self._made_for(disease, (one for one in known if one.checked and one.members))

    def _made_for(self, disease: Concept, known: Iterable[Concept]) -> Sequence[Concept]:
        """Those of some stages or sets that name a disease, or a broader one."""
        near = {disease.iri, *(one.iri for one in self._conditions.above(disease.iri))}
        return [one for one in known if near.intersection(one.notes.get("condition", ()))]

    def own(self, disease: Concept) -> Concept | None:
        """The set whose items are the rows of the cube of a disease; None if it has none."""
        every = self._sets.every.values()
        return next((one for one in every if disease.iri in one.notes.get(CUBE_OF, ())), None)

    def _stage(self, text: str, disease: Concept) -> Concept:
        known = self._stages.by_code.get(text) if self._stages else None
        if known is None:
            codes = ", ".join(one.code for one in self.stages_of(disease)) or "none"
            raise _wrong(
                "stage",
                f'there is no stage "{text[:60]}"; {disease.label()} has {codes}, and {NOT_STATED}',
            )
        return known

    def _rows(self, text: str, disease: Concept) -> Concept | None:
        if not text:
            return self.own(disease)
        if text == DOMAINS:
            return None
        if text not in self._sets.every:
            raise _wrong(
                "rows",
                f'"{text[:60]}" is neither "{DOMAINS}" nor a core outcome set; '
                f"there are {', '.join(self._sets.every)}",
            )
        return self._sets.every[text]

    # the answer ----------------------------------------------------------------------

    def cube(self, table: Table, asked: Slice) -> Cube:
        """A slice over all datasets."""
        disease, known = (asked.disease.iri,), self.stages_of(asked.disease)
        ill = table.having(CONDITION, disease)
        stages = [(one, table.having(CONDITION, disease, (one.iri,))) for one in known]
        any_stage = Criterion(
            CONDITION, disease, qualifiers=((STAGE, tuple(one.iri for one in known)),)
        )
        none = ill & (table.answers(any_stage) == OPEN) if known else ill
        chosen = ill
        if asked.unstaged:
            chosen = none
        elif asked.stage is not None:
            chosen = table.having(CONDITION, disease, (asked.stage.iri,))
        covered = self._grid(table, asked).lines(chosen)
        types = self._types(table, chosen)
        rows = self._counted(covered, [mask[chosen] for _, mask in stages], [m for _, m in types])
        order = sorted(range(len(rows)), key=lambda place: -rows[place].collected)
        return Cube(
            asked,
            [rows[place] for place in order],
            covered.columns(order).ordered(),
            [Cut(one, int(mask.sum())) for one, mask in stages],
            [Cut(one, int(mask.sum())) for one, mask in types],
            int(none.sum()),
            int(ill.sum()),
        )

    def _grid(self, table: Table, asked: Slice) -> Grid:
        if asked.set is not None:
            return grid_of_set(table, asked.set, self._sets.members(asked.set))
        domains = self._domains.concepts.values() if self._domains else ()
        found = [self._sets.domain(one) for one in domains]
        return grid_of_wholes(table, [one for one in found if one.subjects])

    def _types(self, table: Table, among: Mask) -> Sequence[tuple[Concept, Mask]]:
        """The broadest kinds of source there are among some datasets, the commonest first."""
        if self._type is None or self._type.vocabulary is None:
            return []
        concepts = self._type.vocabulary.concepts
        found = []
        for one in concepts.values():
            if not any(above in concepts for above in one.broader):
                mask = table.having(SOURCE_TYPE, (one.iri,))[among]
                if mask.any():
                    found.append((one, mask))
        return sorted(found, key=lambda pair: -int(pair[1].sum()))

    @staticmethod
    def _counted(covered: Grid, stages: Iterable[Mask], types: Iterable[Mask]) -> list[Row]:
        filled = covered.states == ItemState.COLLECTED
        counts = filled.sum(axis=0)
        least, most = (int(counts.min()), int(counts.max())) if counts.size else (0, 0)
        of_stages = [filled[mask].sum(axis=0) for mask in stages]
        of_types = [filled[mask].sum(axis=0) for mask in types]
        return [
            Row(
                member,
                covered.counts[place],
                bool(counts[place] == least < most),
                [int(one[place]) for one in of_stages],
                [int(one[place]) for one in of_types],
            )
            for place, member in enumerate(covered.members)
        ]


def _wrong(name: str, said: str) -> BadRequest:
    return BadRequest([Problem((name,), said)])
