"""A process that reads the documents of others, and may be killed at any moment.

A few hundred bytes can ask for all memory, or for all time; some parsers end with the process.
So they run here: within a limit of memory, without a network, with an alarm.

Started as ``python -m catalogue.harvest.child``; it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from catalogue import confined
from catalogue.harvest.naming import Place
from catalogue.harvest.rulebook import Rulebook
from catalogue.harvest.splitting import Split, split
from catalogue.harvest.understanding import Understood, understand


class Child:
    """Reads documents by the rulebook that it was given first."""

    def __init__(self) -> None:
        self._rules: Rulebook | None = None

    def answer(self, asked: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """What is said to a question: a rulebook to keep, or documents to read."""
        if "rules" in asked:
            self._rules = Rulebook.read(asked["rules"])
            return {"is": "ready"}, b""
        try:
            return self._read(asked, body)
        except MemoryError:
            return {"is": "memory"}, b""

    def _read(self, asked: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        said: list[dict[str, Any]] = []
        raws: list[bytes] = []
        at = 0
        for document in asked["documents"]:
            contents = []
            for piece in (document, *document["parts"]):
                contents.append(body[at : at + piece["size"]])
                at += piece["size"]
            found, whole = self._one(contents, document, asked["base"], asked["salt"])
            raws += [one.raw for one in found.found]
            said.append({**_said(found), "whole": whole})
        return {"is": "read", "documents": said}, b"".join(raws)

    def _one(
        self, contents: Sequence[bytes], document: Mapping[str, Any], base: str, salt: str
    ) -> tuple[Split, bool]:
        """A document, with its parts as if they stood in it."""
        found = self._understood(contents[0], document)
        for number, part in enumerate(document["parts"], 1):
            more = self._understood(contents[number], part)
            found.lines += _apart(more.lines, number)
            found.problems += more.problems
            found.broken = found.broken or more.broken
            found.early = found.early or more.early
            found.last += tuple(_labelled(node, number) for node in more.last)
            found.lost |= more.lost
            # Blank nodes have other labels now.
            found.defects += [one for one in more.defects if not one.node.startswith("_:")]
        place = Place(
            base,
            salt,
            document["address"],
            document["id"],
            found.broken,
            found.last,
            found.lost,
            found.early,
        )
        assert self._rules is not None
        parts = split(found.lines, self._rules, place, found.defects)
        parts.problems[:0] = found.problems
        return parts, not found.broken

    def _understood(self, content: bytes, document: Mapping[str, Any]) -> Understood:
        assert self._rules is not None
        told = document["content_type"], document["charset"], document["address"]
        return understand(content, *told, self._rules)


def _apart(lines: Iterable[str], number: int) -> Iterator[str]:
    """Lines of another document: its blank nodes are not those of the first."""
    for line in lines:
        if "_:" not in line:
            yield line
            continue
        subject, predicate, object_ = line.split(" ", 2)
        yield " ".join((_labelled(subject, number), predicate, _labelled(object_, number)))


def _labelled(term: str, number: int) -> str:
    return f"_:p{number}x{term[2:]}" if term.startswith("_:") else term


def _said(found: Split) -> dict[str, Any]:
    """What goes into the head of an answer; the raw descriptions go after it."""
    return {
        "found": [
            [
                one.id,
                one.kind,
                one.iri,
                one.hash,
                one.title,
                len(one.raw),
                [asdict(problem) for problem in one.problems],
            ]
            for one in found.found
        ],
        "paging": found.paging,
        "mentioned": found.mentioned,
        "problems": found.problems,
    }


if __name__ == "__main__":
    confined.serve(Child().answer)
