"""The property table as SHACL.

``shapes()`` says to other programs what publication asks of a document here; pySHACL over
it and :meth:`Shape.problems` agree, which a differential test keeps so.
Source: SHACL, https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Iterator

from catalogue.profile.conditions import Condition, Test
from catalogue.profile.profile import Profile
from catalogue.profile.shape import Property, Shape
from catalogue.profile.values import ConceptValue, Nested
from catalogue.terms import iri, literal

_SEVERITY = {"mandatory": "sh:Violation", "recommended": "sh:Warning"}
_WORDS = {"sh:Violation": "this is needed", "sh:Warning": "recommended"}


def shapes(profile: Profile) -> str:
    """Every shape of a profile in Turtle."""
    prefixes = "".join(f"@prefix {p}: <{n}> .\n" for p, n in profile.prefixes.items())
    targets = _targets(profile)
    return (
        prefixes
        + "\n"
        + "\n".join(_shape(shape, targets[shape.name]) for shape in profile.values())
    )


def _targets(profile: Profile) -> dict[str, str]:
    """What each shape is about: records by their class, parts by the property they are in.

    Parts are not checked through ``sh:node``: what is only recommended inside a part would
    make the whole record invalid.
    """
    targets: dict[str, list[str]] = {shape.name: [] for shape in profile.values()}
    for shape in profile.values():
        if shape.kept == "record":
            targets[shape.name].append(f"sh:targetClass <{shape.class_}>")
        for one in shape.stored:
            if isinstance(one.value, Nested) and len(shape.sharing(one)) == 1:
                target = f"sh:targetObjectsOf {one.predicate}"
                if target not in targets[one.value.values]:
                    targets[one.value.values].append(target)
    return {name: " ; ".join(found) for name, found in targets.items()}


def _shape(shape: Shape, target: str) -> str:
    about = f" ; {target}" if target else ""
    own, others = [], []
    for one in shape.stored:
        own.append(_typed(one, shape))
        for number, (rule, severity) in enumerate(_obligations(one, shape), start=1):
            name = f"{shape.shacl_name[:-1]}-{one.name}-{number}>"
            others.append(
                f"{name} a sh:NodeShape{about} ; sh:severity {severity} ; "
                f"sh:message {literal(one.label + ': ' + _WORDS[severity], language='en')} ;\n"
                f"    {rule} ."
            )
    own += _orders(shape)
    head = f"{shape.shacl_name} a sh:NodeShape{about} ;\n    sh:name {literal(shape.label)}"
    return "\n".join(["".join((head, *(f" ;\n    {one}" for one in own), " .")), *others, ""])


def _typed(one: Property, shape: Shape) -> str:
    """The kind and number of values.

    A value under a predicate that two properties share is of one kind or the other, which
    only a reader can tell: kinds are checked where there is one.
    """
    alone = len(shape.sharing(one)) == 1
    rules = "".join(f"{rule} ; " for rule in one.value.rules()) if alone else ""
    most = "" if one.repeatable or one.value.gathers or not alone else "sh:maxCount 1 ; "
    return f"sh:property [ sh:path {one.predicate} ; {rules}{most}sh:name {literal(one.label)} ]"


def _orders(shape: Shape) -> Iterator[str]:
    """Which number of a node is at most which other one of it; SHACL compares no dates of mixed types."""
    for order in shape.profile.orders.get(shape.name, ()):
        if len(order.lower) == 1 and order.severity == "violation":
            lower, upper = shape[order.lower[0]], shape[order.upper]
            yield (
                f"sh:property [ sh:path {lower.predicate} ; "
                f"sh:lessThanOrEquals {upper.predicate} ; "
                f"sh:message {literal(order.message, language='en')} ]"
            )


def _obligations(one: Property, shape: Shape) -> Iterator[tuple[str, str]]:
    """What must or should be there, each as a rule with its severity."""
    present = f"[ sh:property [ sh:path {one.predicate} ; sh:minCount 1 ] ]"
    if included := getattr(one.value, "included", ""):
        has = f"[ sh:property [ sh:path {one.predicate} ; sh:hasValue {iri(included)} ] ]"
        yield f"sh:or ( [ sh:not {present} ] {has} )", "sh:Violation"
    excused = _excuse(one, shape)
    for obligation, condition in one.exceptions:
        if severity := _SEVERITY.get(obligation):
            alternatives = [present, *excused, *_unless(condition, shape)]
            yield f"sh:or ( {' '.join(alternatives)} )", severity
    if severity := _SEVERITY.get(one.obligation):
        stronger = [
            _when(condition, shape)
            for obligation, condition in one.exceptions
            if (obligation, one.obligation) == ("mandatory", "recommended")
        ]
        yield f"sh:or ( {' '.join([present, *excused, *stronger])} )", severity


def _excuse(one: Property, shape: Shape) -> list[str]:
    """A reason stated for the field stands for the value."""
    if not one.reasons:
        return []
    reasons = shape["not_stated"].predicate
    field = shape.profile["NotStated"]["field"].predicate
    return [f"[ sh:property [ sh:path ( {reasons} {field} ) ; sh:hasValue {literal(one.name)} ] ]"]


def _unless(condition: Condition, shape: Shape) -> list[str]:
    return [_test(test, shape, negated=True) for test in condition.tests]


def _when(condition: Condition, shape: Shape) -> str:
    tests = " ".join(_test(test, shape, negated=False) for test in condition.tests)
    return f"[ sh:and ( {tests} ) ]"


def _test(test: Test, shape: Shape, *, negated: bool) -> str:
    one = shape[test.name]
    if test.expected in ("missing", "given"):
        positive = test.expected == "given"
        found = f"[ sh:property [ sh:path {one.predicate} ; sh:minCount 1 ] ]"
    else:
        positive = True
        if test.expected in ("true", "false"):
            value = test.expected
        else:
            assert isinstance(one.value, ConceptValue)
            value = iri(one.value.vocabulary.by_code[test.expected].iri)
        found = f"[ sh:property [ sh:path {one.predicate} ; sh:hasValue {value} ] ]"
    if positive == (test.negated != negated):
        return f"[ sh:not {found} ]"
    return found
