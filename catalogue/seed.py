"""The demonstration records: one JSON document a file, in a folder for each kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.errors import Invalid, Problem
from catalogue.instance import Catalogue
from catalogue.records.models import Record

#: Organisations before the catalogues and datasets that name them.
ORDER = ("agent", "catalogue", "series", "service", "dataset", "asset")
_BATCH = 100


def seeds_in(folder: Path) -> list[tuple[str, Path]]:
    """The files of a folder with the kind of record each holds, in the order to load them."""
    return [(kind, file) for kind in ORDER for file in sorted((folder / kind).glob("*.json"))]


def is_wanted(session: Session, files: list[tuple[str, Path]]) -> bool:
    """Whether a new catalogue still waits for its demonstration records.

    It does while it is empty, or holds the first of them but not the last: then a load was
    cut off.
    """
    if not files or session.scalar(select(Record.id).limit(1)) is None:
        return True
    first, last = (
        session.scalar(select(Record.id).where(Record.kind == kind, Record.key == file.stem))
        for kind, file in (files[0], files[-1])
    )
    return first is not None and last is None


def seed(catalogue: Catalogue, folder: Path, loaded: Callable[[], object] = lambda: None) -> int:
    """Publish every record of a folder; returns how many there are.

    Raises :class:`Invalid` naming the file; the batches before it stay.
    """
    files = seeds_in(folder)
    # A catalogue may be listed in another that comes later in the alphabet.
    files.sort(key=lambda pair: (ORDER.index(pair[0]), pair[1].stem != catalogue.settings.network))
    for start in range(0, len(files), _BATCH):
        with catalogue.database.write() as session:
            for kind, file in files[start : start + _BATCH]:
                try:
                    data = json.loads(file.read_text(encoding="utf-8"))
                    catalogue.records.put(
                        session,
                        kind,
                        data,
                        key=file.stem,
                        author="demonstration",
                        note="Written from public facts",
                    )
                except Invalid as error:
                    raise Invalid(
                        [
                            Problem((str(file), *p.path), p.message, p.severity, p.rule)
                            for p in error.problems
                        ]
                    ) from None
                except ValueError as error:
                    raise Invalid(f"{file}: not valid JSON: {error}") from None
                loaded()
    return len(files)
