"""A process that reads descriptions for a run while another one writes what was read before.

Started as ``python -m catalogue.harvest.interpreter``; it opens profile and vocabularies once.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalogue import confined
from catalogue.harvest.interpreting import Interpreter, Told, as_json
from catalogue.harvest.releases import Releases
from catalogue.profile import Profile
from catalogue.vocabulary import Vocabularies


class Reading:
    """Reads descriptions under the profile that it was told of first."""

    def __init__(self) -> None:
        self._interpreter: Interpreter | None = None

    def answer(self, asked: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """What is said to a question: a profile to open, or finds to read."""
        if "profile" in asked:
            schemas = Path(asked["schemas"])
            vocabularies = Vocabularies.read(Path(asked["vocabularies"]))
            profile = Profile.read(schemas, asked["profile"], vocabularies)
            releases = Releases.read(schemas, profile.prefixes)
            self._interpreter = Interpreter(profile, releases, asked["base"])
            return {"is": "ready"}, b""
        assert self._interpreter is not None
        said: list[list[Any]] = []
        at = 0
        for name, kind, iri, form, size in asked["finds"]:
            raw = gzip.decompress(body[at : at + size])
            at += size
            read = self._interpreter.read(Told(kind, iri, form, raw, None, asked["listed_in"]))
            said.append([name, read.document, as_json(read.problems), list(read.unread)])
        return {"is": "read", "finds": said}, b""


if __name__ == "__main__":
    confined.serve(Reading().answer)
