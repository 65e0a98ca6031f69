"""Reading the next batch of finds in another process while this one writes the last.

Reading a description costs as much as writing it, and needs nothing of the database.  It pays
only for long runs: the process takes half a second to start.  Whatever goes wrong in it costs
no more than that the finds are read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import structlog

from catalogue.children import Child, Died, NotStarting
from catalogue.harvest.interpreting import Read, of_json
from catalogue.harvest.models import Find

log = structlog.get_logger()
#: What the process may take: memory in bytes, and seconds for a batch.
_MEMORY, _SECONDS = 1_500_000_000, 60.0


class Ahead:
    """Reads finds ahead; ``schemas`` and ``vocabularies`` are where the profile is read from."""

    def __init__(self, schemas: Path, vocabularies: Path, profile: str, base: str) -> None:
        self._opening = {
            "schemas": str(schemas.resolve()),
            "vocabularies": str(vocabularies.resolve()),
            "profile": profile,
            "base": base,
            "seconds": _SECONDS,
        }
        self._child: Child | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._read: tuple[int, Future[Mapping[str, Read]]] | None = None

    def begin(self, run: int, finds: Sequence[Find], listed_in: str) -> None:
        """Begin to read some finds of a run; what was begun before and not taken is forgotten."""
        told = [(one.name, one.kind, one.iri, one.form, one.raw or b"") for one in finds]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="harvest-ahead")
        self._read = run, self._pool.submit(self._ask, told, listed_in)

    def taken(self, run: int) -> Mapping[str, Read]:
        """What was read for a run, by name; nothing where nothing was begun, or it failed."""
        read, self._read = self._read, None
        return read[1].result() if read is not None and read[0] == run else {}

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        if self._child is not None:
            self._child.end()
        self._child = self._pool = self._read = None

    def _ask(
        self, told: Sequence[tuple[str, str, str, str, bytes]], listed_in: str
    ) -> Mapping[str, Read]:
        question = {
            "finds": [(*one[:4], len(one[4])) for one in told],
            "listed_in": listed_in,
            "seconds": _SECONDS,
        }
        try:
            said, _ = self._living().ask(question, _SECONDS, b"".join(one[4] for one in told))
        except (Died, NotStarting, TimeoutError) as error:
            log.warning("nothing was read ahead", error=repr(error))
            if self._child is not None:
                self._child.end()
                self._child = None
            return {}
        return {
            name: Read(document, of_json(problems), unread)
            for name, document, problems, unread in said["finds"]
        }

    def _living(self) -> Child:
        if self._child is None or not self._child.lives:
            self._child = Child("catalogue.harvest.interpreter", _MEMORY)
            self._child.ask(self._opening, _SECONDS)
        return self._child
