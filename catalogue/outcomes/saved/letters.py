"""The digest as a mail: plain text, what changed first, and the ways out at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from catalogue.accounts.letters import Letter, Letters
from catalogue.outcomes.saved.changed import KINDS, Item, Told
from catalogue.outcomes.saved.models import Saved

#: How many records one mail tells of; the page tells of all.
MOST_TOLD = 40


def digest(
    letters: Letters,
    saved: Saved,
    told: Sequence[Told],
    items: Sequence[Item],
    since: datetime,
    unsubscribe: str,
) -> Letter:
    """What changed among the answers of something saved; ``told`` is the first of the items."""
    address, number = letters.address, len(items)
    page = f"{address}saved/{saved.id}"
    lines = [
        f"Since {_day(since)}, this changed among the datasets that answer what you saved as",
        f"“{saved.title}”.",
    ]
    for what, heading in KINDS.items():
        of_it = [one for one in told if one.what == what]
        if of_it:
            count = max(len(of_it), sum(one.what == what for one in items))
            lines += ["", f"{heading.upper()} ({count})"]
            for one in of_it:
                lines += ["", *_record(one, address)]
    if number > len(told):
        lines += ["", f"and {number - len(told)} more: {page}"]
    lines += [
        "",
        "Everything that answers it now:",
        address + saved.address.lstrip("/"),
        "",
        "Another day, another name, or a pause:",
        page,
        "",
        "No more of these mails, without signing in:",
        unsubscribe,
    ]
    changes = f"{number} {'change' if number == 1 else 'changes'}"
    return letters.written(f"{changes}: {saved.title}", lines)


def unanswerable(letters: Letters, saved: Saved) -> Letter:
    """That something saved can be asked no longer, and why."""
    lines = [
        "What you saved cannot be asked any longer, so nothing more is told of it:",
        f"“{saved.title}”.",
        "",
        saved.fault,
        "",
        "Ask it anew and save it again, or delete it:",
        f"{letters.address}saved/{saved.id}",
    ]
    return letters.written(f"Cannot be asked any longer: {saved.title}", lines)


def _record(one: Told, address: str) -> Iterator[str]:
    yield f"* {one.title}"
    yield f"  {address}datasets/{one.slug}"
    if one.fits:
        yield f"  {one.fits}"
    for line in one.lines:
        yield f"  {line.label}: {line.then} → {line.now}" if line.then else f"  {line.label}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
