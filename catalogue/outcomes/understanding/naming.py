"""Criteria of names: conditions and their stages, outcomes and how they are measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from catalogue.outcomes.questions import Questions
from catalogue.outcomes.understanding.drafts import EXCLUDED, Draft, Drafts, near
from catalogue.outcomes.understanding.names import Names
from catalogue.outcomes.understanding.reading import Unit
from catalogue.outcomes.understanding.sayings import Sayings
from catalogue.outcomes.understanding.sets import Sets
from catalogue.profile.criteria import (
    CONDITION,
    INSTRUMENT,
    LEAST,
    OUTCOME,
    SET,
    STAGE,
    TIMING,
)
from catalogue.vocabulary import Concept

#: What is linked to something, and what it may be linked to.
LINKAGE, SOURCE = "linkage", "source_type"
#: A source is named in so many words at most.
_WORDS_OF_A_SOURCE = 3


class Naming:
    """Makes criteria of the names in a sentence, then puts stages and timings beside them."""

    def __init__(
        self, all_: Drafts, names: Names, sayings: Sayings, sets: Sets, questions: Questions
    ) -> None:
        self._all = all_
        self._names, self._sayings, self._questions = names, sayings, questions
        self._excluded()
        self._linked()
        self._sets(sets)
        self._conditions()
        self._criteria()
        self._stages()
        self._qualifiers()

    def _sets(self, sets: Sets) -> None:
        for found in sets.found(self._all.read):
            draft = Draft(SET, [found.set.iri])
            self._all.take(draft, found.places)
            if found.share:
                draft.qualifiers[LEAST] = float(math.ceil(len(found.set.members) * found.share))

    def _excluded(self) -> None:
        """What a sentence says no to: nothing can be asked of it."""
        for at, unit in self._all.free():
            if not unit.has("not"):
                continue
            after = at + 1
            while after < len(self._all.units) and after - at < 4 and self._all.units[after].passes:
                after += 1
            if after < len(self._all.units) and self._all.units[after].is_name:
                name = self._all.units[after]
                name.plain = True
                for one in self._all.units[at : after + 1]:
                    one.use = EXCLUDED
                self._all.notes.append(
                    f"A question cannot exclude; “{self._all.said(name)}” was not asked for."
                )

    def _linked(self) -> None:
        """What data are linked to is another source: *linkage to death registry* asks for neither
        deaths nor a registry."""
        for at, unit in self._all.free():
            if not self._means(unit, LINKAGE):
                continue
            begin, joined = at + 1, ("to", "with")
            while (end := self._source(begin, joined)) is not None:
                for one in self._all.units[begin:end]:
                    one.plain = True
                begin, joined = end, ("to", "and")

    def _source(self, begin: int, joined: Sequence[str]) -> int | None:
        """Where a source that is joined to what stands before ends: *to the death registry*."""
        units = self._all.units
        at = begin
        while at < len(units) and units[at].passes and not units[at].splits:
            at += 1
        # “And” stands between two numbers as “to” does.
        roles = ["and" if one.has("and") else role for one in units[begin:at] for role in one.roles]
        if not set(joined) & set(roles):
            return None
        for end in range(at, min(at + _WORDS_OF_A_SOURCE, len(units))):
            if units[end].splits or units[end].passes or units[end].use is not None:
                return None
            if self._means(units[end], SOURCE):
                return end + 1
        return None

    def _means(self, unit: Unit, kind: str) -> bool:
        """Whether some words would be a criterion of a kind."""
        said = any(one.partition("=")[0] == kind for one in unit.roles.get("means", ()))
        return not unit.plain and (said or next(iter(unit.named), "") == kind)

    def _conditions(self) -> None:
        """The conditions, and what may be a condition or an outcome."""
        sure: list[int] = []
        either: list[int] = []
        for at, unit in self._all.free():
            if unit.plain:
                continue
            condition = unit.named.get(CONDITION)
            stage = unit.named.get(STAGE) or (condition and self._names.stage_of(condition))
            if stage:
                self._stage_by_name(at, stage)
            elif condition:
                (either if OUTCOME in unit.named else sure).append(at)
        if either and not sure and not self._all.of(CONDITION):
            sure.append(either.pop(0))
        for at in sure:
            self._all.units[at].named = {CONDITION: self._all.units[at].named[CONDITION]}
        for at in either:
            self._all.units[at].named.pop(CONDITION)
        self._appositions()

    def _appositions(self) -> None:
        """Two names of one thing beside each other: *Alzheimer's dementia* is the narrower one."""
        for at, unit in self._all.free():
            following = self._all.units[at + 1] if at + 1 < len(self._all.units) else unit
            one, other = unit.named.get(CONDITION), following.named.get(CONDITION)
            if one and other and one is not other and following.use is None:
                if other.iri in self._names.above(one):
                    following.named = {CONDITION: one}
                elif one.iri in self._names.above(other):
                    unit.named = {CONDITION: other}

    def _stage_by_name(self, at: int, stage: Concept) -> None:
        """A name that says condition and stage at once."""
        conditions = self._names.conditions_of(stage)
        if conditions:
            draft = Draft(CONDITION, [conditions[0].iri], qualifiers={STAGE: [stage.iri]})
            # Localised or locally advanced prostate cancer: either stage is enough.
            for before in self._all.of(CONDITION):
                known = before.qualifiers.get(STAGE)
                between = self._all.between(max(before.places), at)
                linked = all(one.splits or one.has("or") or one.has("and") for one in between)
                if before.values == draft.values and isinstance(known, list) and linked:
                    known.append(stage.iri)
                    draft = before
            self._all.take(draft, [at])

    def _criteria(self) -> None:
        """A criterion of each name; names that stand in a row may be alternatives of one."""
        last: tuple[int, Draft] | None = None
        for at, unit in self._all.free():
            for draft in self._made(unit):
                before = self._joined(last, at, draft)
                if before is not None:
                    before.values += draft.values
                    self._all.take(before, [at])
                    last = at, before
                else:
                    self._all.take(draft, [at])
                    last = at, draft
        self._all.drafts.sort(key=lambda one: one.places[0])

    def _made(self, unit: Unit) -> Iterator[Draft]:
        if unit.plain:
            return
        for kind, concept in unit.named.items():
            if kind in self._questions.kinds:
                yield Draft(kind, [concept.iri])
                return
        for means in unit.roles.get("means", ()):
            kind, _, value = means.partition("=")
            if kind in self._questions.kinds:
                found = self._questions.criterion(kind, value)
                yield Draft(kind, [*found.values], found.span)

    def _joined(self, last: tuple[int, Draft] | None, at: int, draft: Draft) -> Draft | None:
        """The criterion of which a name is another alternative."""
        if draft.kind in self._sayings.either:
            return next(iter(self._all.of(draft.kind)), None)
        if last is None or last[1].kind != draft.kind or draft.span is not None:
            return None
        between = self._all.between(last[0], at)
        links = [
            one for one in between if one.has("or") or self._all.read.tokens[one.begin].text == "/"
        ]
        others = [
            one
            for one in between
            if one not in links and not one.splits and not one.has("filler") and not one.has("and")
        ]
        if others or not links:
            return self._listed(last, at, draft) if not others else None
        return last[1]

    def _listed(self, last: tuple[int, Draft], at: int, draft: Draft) -> Draft | None:
        """The same where the *or* comes at the end of a list: *AML, CLL or MM*."""
        if any(one.has("and") and not one.has("filler") for one in self._all.between(last[0], at)):
            return None
        place = at
        for after in range(at + 1, min(at + 12, len(self._all.units))):
            unit = self._all.units[after]
            if draft.kind in unit.named:
                place = after
            elif unit.has("or") and after == place + 1:
                return last[1] if self._commas(last[0], at) else None
            elif not unit.splits:
                return None
        return None

    def _commas(self, begin: int, end: int) -> bool:
        between = self._all.between(begin, end)
        return bool(between) and all(one.splits or one.has("or") for one in between)

    def _stages(self) -> None:
        """Stages of the conditions that are spoken of."""
        for at, unit in self._all.free():
            stages = list(unit.stages)
            for means in unit.roles.get("means", ()):
                if means.startswith(f"{STAGE}="):
                    stages += self._qualifying(STAGE, means)
            for draft in sorted(self._all.of(CONDITION), key=near(at)) if stages else ():
                fitting = [one for one in stages if self._fits(one, draft)]
                if fitting:
                    known = draft.qualifiers.setdefault(STAGE, [])
                    assert isinstance(known, list)
                    known.append(fitting[0].iri)
                    self._all.take(draft, [at])
                    break

    def _fits(self, stage: Concept, draft: Draft) -> bool:
        concepts = [one for iri in draft.values if (one := self._names.concept(iri))]
        return any(
            self._names.related(condition, concept)
            for condition in self._names.conditions_of(stage)
            for concept in concepts
        )

    def _qualifying(self, name: str, means: str) -> list[Concept]:
        """The concepts that some words mean as a qualifier."""
        codes = means.partition("=")[2].replace("&", ",").split(",")
        kinds = self._questions.kinds.values()
        lists = [one for kind in kinds if (one := kind.qualifiers.get(name))]
        return [lists[0].by_code[code] for code in codes if lists and code in lists[0].by_code]

    def _qualifiers(self) -> None:
        """Instruments of outcomes, and when they are measured."""
        for draft in self._all.of(INSTRUMENT):
            at = draft.places[0]
            for outcome in self._all.of(OUTCOME):
                between = self._all.between(outcome.places[-1], at)
                if outcome.places[-1] < at and self._by(between):
                    outcome.qualifiers[INSTRUMENT] = draft.values
                    self._all.drafts.remove(draft)
                    self._all.take(outcome, [*draft.places, *self._withs(outcome.places[-1], at)])
                    break
        for at, unit in self._all.free():
            said = [m for m in unit.roles.get("means", ()) if m.startswith(f"{TIMING}=")]
            times = [one for means in said for one in self._qualifying(TIMING, means)]
            if TIMING in unit.named and not unit.plain:
                times.append(unit.named[TIMING])
            measured = sorted(self._all.of(OUTCOME, INSTRUMENT), key=near(at))
            if times and measured:
                self._timed(measured[0], times, at, both=any("&" in one for one in said))

    def _by(self, between: Sequence[Unit]) -> bool:
        """Whether nothing but *measured with* or an opening bracket stands between."""
        said = [one for one in between if not one.has("filler") or one.has("with")]
        return len(said) == 1 and (said[0].has("with") or self._all.said(said[0]) == "(")

    def _withs(self, begin: int, end: int) -> list[int]:
        places = range(begin + 1, end)
        return [
            at
            for at in places
            if self._all.units[at].use is None and self._all.units[at].has("with")
        ]

    def _timed(self, draft: Draft, times: Sequence[Concept], at: int, *, both: bool) -> None:
        """Say when something is measured; what is to be measured twice is two criteria."""
        self._all.take(draft, [at])
        if not both or TIMING in draft.qualifiers:
            known = draft.qualifiers.setdefault(TIMING, [])
            assert isinstance(known, list)
            known += [one.iri for one in times]
            return
        place = self._all.drafts.index(draft)
        copies = [draft, *(draft.copy() for _ in times[1:])]
        for one, time in zip(copies, times, strict=True):
            one.qualifiers[TIMING] = [time.iri]
        self._all.drafts[place : place + 1] = copies
