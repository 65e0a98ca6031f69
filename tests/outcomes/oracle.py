"""The rules of fit once more, slowly: one document, one criterion, no arrays.

Written from the rules and not from the program, so that the two can be held against each other.
"""

from __future__ import annotations

import math

NO, OPEN, YES = 0, 1, 2
COLLECTED = "collected"


class Oracle:
    def __init__(self, profile):
        self.profile, self.vocabularies = profile, profile.vocabularies

    def answer(self, document, criterion):
        kind = self.profile.criteria[criterion.kind]
        return getattr(self, f"_{kind.test}")(kind, document, criterion)

    # what concepts mean

    def above(self, value):
        concept = self.vocabularies.concept(value)
        return [one.iri for one in self.vocabularies[concept.scheme].above(value)]

    def is_within(self, stated, asked):
        """Whether a stated concept is one that was asked for, or a narrower one."""
        known = self.vocabularies.concept(stated)
        return stated == asked or (known is not None and asked in self.above(stated))

    def leaves_open(self, stated, asked):
        known, wanted = self.vocabularies.concept(stated), self.vocabularies.concept(asked)
        if known is None or known.scheme != wanted.scheme:
            return True
        return stated in self.above(asked) or "unspecific" in known.notes

    def concepts(self, stated, asked):
        if any(self.is_within(one, other) for one in stated for other in asked):
            return YES
        if not stated or any(self.leaves_open(one, other) for one in stated for other in asked):
            return OPEN
        return NO

    @staticmethod
    def values(document, name):
        value = document.get(name)
        return [] if value is None else value if isinstance(value, list) else [value]

    # kinds of test

    def _any(self, kind, document, criterion):
        if not kind.part:
            return self.concepts(self.values(document, kind.subject), criterion.values)
        parts = self.values(document, kind.part)
        return max(self._people(kind, parts, one, criterion) for one in criterion.values)

    def _people(self, kind, parts, asked, criterion):
        least = next((n for _, n in criterion.qualifiers if isinstance(n, float)), None)
        stages = next((s for _, s in criterion.qualifiers if isinstance(s, tuple)), None)
        people = next((q for q, n in criterion.qualifiers if isinstance(n, float)), "")
        if not parts:
            return OPEN

        def stated(part):
            return part.get("stage") or [
                one.iri
                for one in self.vocabularies["disease-stage"].concepts.values()
                if one.label() == self.vocabularies.label(part[kind.subject])
            ]

        def of_stage(part):
            return YES if stages is None else self.concepts(stated(part), stages)

        def same(asked):
            """The stages that are the condition asked for, or a narrower one."""
            return [one for one in self.named_as_conditions() if self.is_or_has(asked, one)]

        def is_wider(part, asked):
            return part[kind.subject] in self.above(asked) and bool(same(asked))

        def of_condition(part):
            answer = self.concepts([part[kind.subject]], [asked])
            if not is_wider(part, asked):
                return answer
            beside = self.concepts(stated(part), same(asked))
            if beside == NO and not all(one in self.named_as_conditions() for one in stated(part)):
                beside = OPEN
            return answer if beside == OPEN else beside

        def is_mixed(part, wanted):
            some = stated(part)
            return not some or not all(
                any(self.is_within(one, stage) for stage in wanted) for one in some
            )

        def is_of(part, wider):
            return part[kind.subject] == wider or (
                is_wider(part, wider)
                and any(self.is_within(one, stage) for one in stated(part) for stage in same(wider))
            )

        answers, possible = [], []
        for part in parts:
            answer = min(of_condition(part), of_stage(part))
            if answer > NO:
                possible.append(part)
            if least is not None:
                of_others = (stages is not None and is_mixed(part, stages)) or (
                    is_wider(part, asked) and is_mixed(part, same(asked))
                )
                enough = part.get(people) is not None and part[people] >= least
                answer = min(answer, YES if enough and not of_others else OPEN)
            answers.append(answer)
        best = max(answers)
        if best == OPEN and least is not None:
            for wider in (asked, *self.above(asked)):
                counts = [p.get(people) for p in possible if is_of(p, wider)]
                if wider != asked and any(is_of(p, asked) and is_of(p, wider) for p in possible):
                    continue
                if counts and None not in counts and sum(counts) < least:
                    return NO
        return best

    def named_as_conditions(self):
        """The stages that are called as a condition is: these are that condition."""
        called = {one.label(): one.iri for one in self.vocabularies["condition"].concepts.values()}
        stages = self.vocabularies["disease-stage"].concepts.values()
        return {one.iri: called[one.label()] for one in stages if one.label() in called}

    def is_or_has(self, condition, stage):
        return self.is_within(self.named_as_conditions()[stage], condition)

    def _beside(self, part, criterion):
        """How a statement answers what is asked of it beside its subject."""
        answer = YES
        for name, asked in criterion.qualifiers:
            if isinstance(asked, float):
                number = part.get(name)
                here = OPEN if number is None else YES if number >= asked else NO
            else:
                here = self.concepts(part.get(name, []), asked)
            answer = min(answer, here)
        return answer

    def is_collected(self, part):
        return part["state"].endswith("/" + COLLECTED)

    def _state(self, kind, document, criterion):
        return max(self._outcome(kind, document, one, criterion) for one in criterion.values)

    def _outcome(self, kind, document, asked, criterion):
        answers = []
        for part in self.values(document, kind.part):
            if self.is_collected(part):
                if self.is_within(part["outcome"], asked):
                    answers.append(self._beside(part, criterion))
            elif part["outcome"] == asked:
                answers.append(NO)
        return max(answers, default=OPEN)

    def is_denied(self, parts, outcome):
        """Whether an outcome is stated as not collected, and nothing narrower as collected."""
        if any(self.is_collected(p) and self.is_within(p["outcome"], outcome) for p in parts):
            return False
        return any(not self.is_collected(p) and p["outcome"] == outcome for p in parts)

    def _domain(self, kind, document, criterion):
        parts = self.values(document, kind.part)
        found = []
        for asked in criterion.values:
            outcomes = [
                one.iri
                for one in self.vocabularies["outcome"].concepts.values()
                if any(
                    self.is_within(domain, asked)
                    for above in (one.iri, *self.above(one.iri))
                    for domain in self.vocabularies.concept(above).related
                    if self.vocabularies.concept(domain) is not None
                )
            ]
            if any(self.is_collected(p) and p["outcome"] in outcomes for p in parts):
                found.append(YES)
            elif outcomes and all(self.is_denied(parts, one) for one in outcomes):
                found.append(NO)
            else:
                found.append(OPEN)
        return max(found)

    def _named(self, kind, document, criterion):
        if not kind.part:
            stated = self.values(document, kind.subject)
            if kind.name == "variable":
                stated = [*stated, *self.described(document)]
            met = any(self.is_within(one, other) for one in stated for other in criterion.values)
            return YES if met else OPEN
        parts = self.values(document, kind.part)
        return max(self._instrument(kind, parts, one, criterion) for one in criterion.values)

    def _instrument(self, kind, parts, asked, criterion):
        answers = [
            self._beside(part, criterion)
            for part in parts
            if self.is_collected(part)
            and any(self.is_within(one, asked) for one in part.get(kind.subject, []))
        ]
        if answers:
            return max(answers)
        served = [
            one.iri
            for one in self.vocabularies["outcome"].concepts.values()
            for other in one.notes.get("measuredWith", ())
            if self.is_within(other, asked) or other in self.above(asked)
        ]
        return NO if served and all(self.is_denied(parts, one) for one in served) else OPEN

    def described(self, document):
        """The variables that the columns of a dictionary are called by their labels."""
        called = {
            text.casefold(): one.iri
            for one in self.vocabularies["variable"].concepts.values()
            for text in one.texts()
            if text in one.labels.values() or " " in text or len(text) > 7
        }
        for tables in self.values(document, "variables"):
            for table in tables.get("table", []):
                for column in table.get("column", []):
                    title = column.get("column_title", {}).values()
                    yield from (called[one.casefold()] for one in title if one.casefold() in called)

    def _coverage(self, kind, document, criterion):
        least = next((n for _, n in criterion.qualifiers), 1)
        found = []
        for asked in criterion.values:
            states = [self.item(document, one) for one in self.vocabularies.concept(asked).members]
            collected, unknown = states.count(COLLECTED), states.count("")
            found.append(YES if collected >= least else NO if collected + unknown < least else OPEN)
        return max(found)

    def item(self, document, item):
        """What is stated of an item of a set: the code of a state, empty if nothing."""
        concept = self.vocabularies.concept(item)
        outcomes, found = concept.notes.get("outcome", ()), []
        for part in self.values(document, "outcome_statement"):
            code, by_name = part["state"].rsplit("/", 1)[1], item in part.get("set_item", [])
            if code == COLLECTED:
                if by_name or any(self.is_within(part["outcome"], one) for one in outcomes):
                    return code
            elif by_name or part["outcome"] in outcomes:
                found.append((not by_name, len(found), code))
        for_whom = concept.notes.get("appliesOnlyTo", ())
        if for_whom and all(self.has_not(document, one) for one in for_whom):
            return "not-applicable"
        return min(found)[2] if found else ""

    def has_not(self, document, concept):
        scheme = self.vocabularies.concept(concept).scheme
        reasons = {one["field"]: one["reason"] for one in document.get("not_stated", [])}
        name = "treatment" if scheme == "treatment" else "studied_condition"
        if reasons.get(name, "").endswith("/not-applicable"):
            return True
        if name == "treatment":
            return False  # nobody says that all of them are named
        parts = self.values(document, "studied_condition")
        return bool(parts) and all(
            self.concepts(part.get("stage", []), [concept]) == NO for part in parts
        )

    # numbers

    def spans(self, kind, document):
        """The intervals stated: pairs of the least and the greatest that each bound may be."""
        if kind.range is None:
            found = []
            for value in self.values(document, kind.subject):
                months = self.vocabularies.concept(value).notes.get("months", ("nan",))[0]
                found.append((float(months), float(months)))
            return found
        if len(kind.range.first) > 1:
            periods = [
                (
                    _year(one.get(kind.range.first[1]), None),
                    _year(one.get(kind.range.last[1]), math.inf),
                )
                for one in self.values(document, kind.range.first[0])
                if one
            ]
            return [
                (None if low is None else min(low, high), high if low is None else max(low, high))
                for low, high in periods
            ]
        low, high = document.get(kind.range.first[0]), document.get(kind.range.last[0])
        if low is None and high is None:
            return []
        if low is not None and high is not None:
            low, high = min(low, high), max(low, high)
        return [(low, high)]

    def _interval(self, kind, document, test):
        """A test of every pair of bounds that the stated ones allow."""
        answers = []
        for low, high in self.spans(kind, document):
            if low is not None and math.isnan(low):
                answers.append(OPEN)
                continue
            lows = [low] if low is not None else [-math.inf, high]
            highs = [high] if high is not None else [low, math.inf]
            said = {test(a, b) for a in lows for b in highs}
            answers.append(OPEN if len(said) == 2 else YES if True in said else NO)
        return max(answers, default=OPEN)

    def _least(self, kind, document, criterion):
        least = criterion.span[0]
        found = self._interval(kind, document, lambda low, _: least is None or low >= least)
        top = document.get(kind.ceiling) if kind.ceiling else None
        if not self.spans(kind, document) and top is not None and top < least:
            return NO
        return found

    def _most(self, kind, document, criterion):
        most = criterion.span[1]
        return self._interval(kind, document, lambda _, high: most is None or high <= most)

    def _covers(self, kind, document, criterion):
        low, high = criterion.span
        first, last = (high if low is None else low), (low if high is None else high)
        whole = self._interval(kind, document, lambda a, b: a <= first and b >= last)
        if whole == YES or kind.range is None:
            return whole
        # Several periods that meet cover what none of them covers alone.
        known = [(a, b) for a, b in self.spans(kind, document) if a is not None]
        years = range(int(first), int(last) + 1)
        if all(any(a <= year <= b for a, b in known) for year in years):
            return YES
        return whole

    def _overlaps(self, kind, document, criterion):
        low, high = criterion.span
        low, high = -math.inf if low is None else low, math.inf if high is None else high
        return self._interval(kind, document, lambda a, b: a <= high and b >= low)


def _year(text, otherwise):
    return otherwise if text is None else float(text[:4])
