"""Statements in one form, whatever their order and whatever the labels of their blank nodes.

Two blank nodes that cannot be told apart by what is said of them and of their neighbours are
numbered as they come, and what hangs on them after them; for trees, which descriptions are,
that makes no difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from catalogue.terms import Statement, is_blank

#: So often neighbours are looked at; what is still alike then is alike.
_ROUNDS = 16


def canonical(lines: Iterable[str]) -> list[str]:
    """Lines of N-Triples, sorted, each once, with blank nodes called ``_:c0``, ``_:c1`` …"""
    once = set(lines)
    with_blanks = [one for one in once if " _:" in one or one.startswith("_:")]
    statements = [(line, parts(line)) for line in with_blanks]
    told = [(line, one) for line, one in statements if is_blank(one[0]) or is_blank(one[2])]
    if not told:
        return sorted(once)
    labels = _labels([one for _, one in told])
    once.difference_update(line for line, _ in told)
    once.update(
        f"{labels.get(subject, subject)} {predicate} {labels.get(object_, object_)} ."
        for _, (subject, predicate, object_) in told
    )
    return sorted(once)


def parts(line: str) -> Statement:
    """The terms of a line."""
    subject, predicate, object_ = line.split(" ", 2)
    return subject, predicate, object_[:-2]


def _labels(statements: list[Statement]) -> dict[str, str]:
    """A label for each blank node that follows from what is said of it."""
    colours = _refined(statements)
    alike: dict[str, list[str]] = defaultdict(list)
    for node, colour in colours.items():
        alike[colour].append(node)
    if len(alike) < len(colours):
        place = {node: at for at, node in enumerate(_walked(statements, colours))}
        for twins in alike.values():
            twins.sort(key=place.__getitem__)
    ordered = (node for colour in sorted(alike) for node in alike[colour])
    return {node: f"_:c{number}" for number, node in enumerate(ordered)}


def _walked(statements: list[Statement], colours: Mapping[str, str]) -> list[str]:
    """The blank nodes from their roots down, so that twins stand in the order of their parents."""
    below: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    inner = set()
    for subject, predicate, object_ in statements:
        if is_blank(subject) and is_blank(object_):
            below[subject].append((predicate, colours[object_], object_))
            inner.add(object_)
    roots = sorted(colours.keys() - inner, key=colours.__getitem__)
    rest = sorted(inner, key=colours.__getitem__)  # of those that lead round, none is a root
    walked: dict[str, None] = {}
    waiting = [*reversed(rest), *reversed(roots)]
    while waiting:
        node = waiting.pop()
        if node not in walked:
            walked[node] = None
            waiting += [one for *_, one in sorted(below[node], key=lambda said: said[:2])][::-1]
    return list(walked)


def _refined(statements: list[Statement]) -> Mapping[str, str]:
    """Colours of blank nodes: from what is said of each, then from the colours of neighbours."""
    said: dict[str, list[tuple[str, str, str]]] = {}
    for subject, predicate, object_ in statements:
        if is_blank(subject):
            said.setdefault(subject, []).append((">", predicate, object_))
        if is_blank(object_):
            said.setdefault(object_, []).append(("<", predicate, subject))
    colours = dict.fromkeys(said, "")
    different = 0
    for _ in range(_ROUNDS):
        colours = {
            node: _digest(
                "\n".join(
                    sorted(
                        f"{way} {predicate} {colours.get(other, other)}"
                        for way, predicate, other in about
                    )
                )
            )
            for node, about in said.items()
        }
        now = len(set(colours.values()))
        if now in (len(said), different):
            break
        different = now
    return colours


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
