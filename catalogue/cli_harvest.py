"""``flask catalogue harvest …``: other catalogues, as an operator harvests them from a terminal."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from sqlalchemy.orm import Session

from catalogue.accounts import audit
from catalogue.accounts.accounts import ADMINISTRATOR
from catalogue.commands import console, opened, said
from catalogue.errors import Conflict, Invalid, Problem
from catalogue.harvest.checking import SAYS
from catalogue.harvest.interpreting import of_json
from catalogue.harvest.models import (
    ASKING,
    AT_WORK,
    FINISHED,
    FULL,
    HOLD,
    LOCAL,
    OUTCOMES,
    PREVIEW,
    PROTOCOLS,
    PUBLISH,
    SCHEDULES,
    SOURCE,
    UNDOING,
    UNDONE,
    WRITING,
    Find,
    Item,
    Run,
    Source,
)
from catalogue.harvest.sources import ANSWERS
from catalogue.tending import workers
from catalogue.web.harvest.words import STATES, asked_of, reconciled, summary_of

harvest = AppGroup("harvest", help="Harvest other catalogues.")
#: An operator may do what administrators may.
_OPERATOR = replace(audit.OPERATOR, role=ADMINISTRATOR)
_TENDER = "harvest"
#: How often somebody who waits is told how far it is, in seconds.
_GLANCE = 0.3
#: So many problems are told in one go.
_MOST = 200
_KEY = click.argument("key")
_WAIT = click.option(
    "--wait",
    is_flag=True,
    help="Do the work here and now, and show how far it is; else a worker does it.",
)


@harvest.command("list")
def list_() -> None:
    """List every source, with how its last run went."""
    table = Table(
        *("key", "title", "protocol", "read", "state", "last run"), box=None, header_style="bold"
    )
    with opened().database.read() as session:
        for standing in opened().sources.standings(session):
            one, last = standing.source, standing.last
            table.add_row(
                one.key,
                escape(one.title),
                one.protocol,
                one.schedule,
                one.state,
                _glance(last) if last else "never",
            )
    _print(table)


@harvest.command()
@click.argument("address")
@click.option("--title", required=True, help="What people call it.")
@click.option("--key", default="", help="Its key. Default: made of the title.")
@click.option(
    "--protocol",
    default="auto",
    show_default=True,
    type=click.Choice(list(PROTOCOLS)),
    help="How it is read; auto finds out by itself.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the protocol has to be told; may be repeated. A value is text, or JSON that begins "
    "with { or [.",
)
@click.option("--organisation", help="The key of the organisation that looks after its records.")
@click.option("--catalogue", "listed_in", help="The reference of the catalogue that lists them.")
@click.option(
    "--schedule",
    default="manual",
    show_default=True,
    type=click.Choice(list(SCHEDULES)),
    help="How often it is read.",
)
@click.option(
    "--edits",
    default=LOCAL,
    show_default=True,
    type=click.Choice([LOCAL, SOURCE]),
    help="Whose word counts where somebody here edited what the source has changed since.",
)
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="FIELD=local|source",
    help="The same for a single field; may be repeated.",
)
@click.option(
    "--incomplete",
    default=HOLD,
    show_default=True,
    type=click.Choice([HOLD, PUBLISH]),
    help="What becomes of a description that lacks what publishing needs.",
)
@click.option(
    "--grace",
    default=7,
    show_default=True,
    help="After how many days a record that is gone is withdrawn.",
)
@click.option(
    "--brake",
    default=20,
    show_default=True,
    help="A run that would withdraw more than so many percent asks first.",
)
def add(
    address: str, key: str, options: Sequence[str], organisation: str | None, **more: Any
) -> None:
    """Add the catalogue at ADDRESS; nothing is read before its time, or before it is run."""
    with _changing() as session:
        told = {
            **more,
            "address": address,
            "options": dict(_pair(one, "option") for one in options),
            "fields": dict(_pair(one, "field") for one in more["fields"]),
        }
        if organisation:
            told["organisation"] = opened().accounts.organisations.get(session, organisation).id
        source = opened().sources.add(session, _OPERATOR, told, key=key)
        console.print(f"Added {source.key}; read it: flask catalogue harvest run {source.key}")


@harvest.command()
@_KEY
@_WAIT
def run(key: str, wait: bool) -> None:
    """Read the source KEY, all of it; with --wait also to go on with a run that is at work."""
    _ask(key, FULL, wait=wait)


@harvest.command()
@_KEY
def preview(key: str) -> None:
    """Show the first descriptions of the source KEY; nothing is written."""
    number = _ask(key, PREVIEW, wait=True)
    table = Table("what", "title", "kind", "outcome", "problems", box=None, header_style="bold")
    with said(), opened().database.read() as session:
        found = opened().sources.run(session, opened().sources.get(session, key), number)
        finds, _ = opened().sources.finds(session, found)
        for one in finds:
            table.add_row(
                escape(one.remote_id),
                escape(one.title),
                one.kind,
                OUTCOMES.get(one.outcome, one.outcome),
                escape("; ".join(_told(one))),
            )
    _print(table)


@harvest.command()
@_KEY
def show(key: str) -> None:
    """Show the source KEY: how it is read, and how its last run went."""
    table = Table(box=None, show_header=False)
    with said(), opened().database.read() as session:
        source = opened().sources.get(session, key)
        for name in SAYS:
            table.add_row(name.replace("_", " "), _plain(getattr(source, name)))
        table.add_row("state", source.state)
        table.add_row("due", f"{source.due:%Y-%m-%d %H:%M} UTC" if source.due else "")
        table.add_row("items", str(opened().sources.tally(session, source)[""]))
        if (last := opened().sources.last(session, source)) is not None:
            table.add_row("last run", f"{last.id}: {_glance(last)}")
            if last.state not in AT_WORK:
                table.add_row("", reconciled(last))
            if last.state == ASKING:
                table.add_row("asks", escape(asked_of(source, last)))
            if last.error:
                table.add_row("error", escape(last.error))
    _print(table)


@harvest.command()
@_KEY
def stop(key: str) -> None:
    """Stop the run of the source KEY after the page or batch it is at."""
    with _changing() as session:
        source = opened().sources.get(session, key)
        found = opened().sources.at_work(session, source) or _last(session, source)
        opened().sources.stop(session, _OPERATOR, found)
    _rung(f"Run {found.id} stops.")


@harvest.command()
@_KEY
@_WAIT
def resume(key: str, wait: bool) -> None:
    """Go on with the last run of the source KEY where it stopped or failed."""
    with _changing() as session:
        found = _last(session, opened().sources.get(session, key))
        opened().sources.resume(session, _OPERATOR, found)
    _go_on(key, found.id, wait=wait)


@harvest.command()
@_KEY
@click.argument("answer", type=click.Choice(ANSWERS))
@_WAIT
def answer(key: str, answer: str, wait: bool) -> None:
    """Answer what the last run of the source KEY asks: go-on, match (take new ids over) or stop."""
    with _changing() as session:
        found = _last(session, opened().sources.get(session, key))
        opened().sources.answer(session, _OPERATOR, found, answer)
    if found.state in AT_WORK:
        _go_on(key, found.id, wait=wait)
    else:
        console.print(f"Run {found.id} stopped.", highlight=False)


@harvest.command()
@_KEY
@_WAIT
def undo(key: str, wait: bool) -> None:
    """Put everything that the last run of the source KEY changed back as it was before."""
    with _changing() as session:
        found = _last(session, opened().sources.get(session, key))
        opened().sources.undo(session, _OPERATOR, found)
    _go_on(key, found.id, wait=wait)


@harvest.command()
@_KEY
def problems(key: str) -> None:
    """Name everything that is wrong with what the source KEY says: pages, descriptions, records."""
    found: list[tuple[str, str]] = []
    with said(), opened().database.read() as session:
        sources = opened().sources
        source = sources.get(session, key)
        if (last := sources.last(session, source)) is not None:
            found += [(f"run {last.id}", last.error)] if last.error else []
            pages, _ = sources.pages(session, last, size=_MOST, faulty=True)
            found += [(page.address, word) for page in pages for word in page.problems or ()]
            finds, _ = sources.finds(session, last, outcome="failed", size=_MOST)
            found += [(one.remote_id, word) for one in finds for word in _told(one)]
        items, _ = sources.items(session, source, outcome="problems", size=_MOST)
        found += [(item.remote_id, word) for item, _ in items for word in _told(item)]
    told = list(dict.fromkeys(found))
    for what, word in told[:_MOST]:
        click.echo(f"{what}: {word}")
    if len(told) > _MOST:
        console.print(f"… and {len(told) - _MOST} more; the pages of the source name them all.")
    if not told:
        console.print("No problems.")


# asking and waiting -------------------------------------------------------------------


def _ask(key: str, mode: str, *, wait: bool) -> int:
    with _changing() as session:
        source = opened().sources.get(session, key)
        working = opened().sources.at_work(session, source) if wait else None
        if working is not None and working.mode == mode:  # left by somebody who did not wait
            asked = working
        else:
            asked = opened().sources.ask(session, _OPERATOR, source, mode)
    _go_on(key, asked.id, wait=wait)
    return asked.id


def _go_on(key: str, number: int, *, wait: bool) -> None:
    """Let the work be done: here, if somebody waits for it, or by a worker."""
    if not wait:
        _rung(f"Run {number} waits for a worker; see flask catalogue harvest show {key}")
        return
    with said():
        ended = _done(number)
    console.print(f"Run {number}: {_glance(ended)}", highlight=False)
    if ended.error:
        console.print(escape(ended.error), highlight=False)
    if ended.state == ASKING:
        console.print(escape(_asked(ended)), highlight=False)
        console.print(f"Decide: flask catalogue harvest answer {key} {'|'.join(ANSWERS)}")
    if ended.state not in (FINISHED, UNDONE):
        sys.exit(1)


def _done(number: int) -> Run:
    """A run once there is nothing more to do about it; the work is done in this process.

    What a worker elsewhere is at already is waited for.
    """
    catalogue, ending = opened(), threading.Event()

    def work() -> None:
        while not ending.is_set():
            catalogue.tenders.only(_TENDER, ending.is_set)
            ending.wait(_GLANCE)

    with ThreadPoolExecutor(1, thread_name_prefix="harvest") as pool, _bar() as progress:
        working, task = pool.submit(work), progress.add_task("waiting", total=None)
        try:
            while (found := _look(number, progress, task)).state in AT_WORK:
                if working.done():
                    working.result()  # ends by itself by an error only
                ending.wait(_GLANCE)
        finally:  # also if somebody presses Ctrl-C: the page it is at comes to a good end
            ending.set()
    return found


def _look(number: int, progress: Progress, task: TaskID) -> Run:
    """A run, and how far it is: of what is read, then of what is taken in."""
    with opened().database.read() as session:
        found = session.get_one(Run, number)
        done, total = found.entries, found.stated
        if found.state in (WRITING, UNDOING):
            outcomes = opened().sources.outcomes(session, found)
            total = sum(outcomes.values())
            done = total - outcomes.get("", 0)
    progress.update(task, description=found.state, completed=done, total=total)
    return found


def _rung(words: str) -> None:
    current_app.extensions["jobs"].ring()
    console.print(words, highlight=False)
    with opened().database.read() as session:
        if not workers(session):
            console.print("No worker is alive: start flask catalogue worker, or ask with --wait.")


def _asked(found: Run) -> str:
    with opened().database.read() as session:
        return asked_of(session.get_one(Source, found.source_id), found)


def _last(session: Session, source: Source) -> Run:
    found = opened().sources.last(session, source)
    if found is None:
        raise Conflict(f"{source.title} was never run.")
    return found


@contextmanager
def _changing() -> Iterator[Session]:
    with said(), opened().database.write() as session:
        yield session


# words --------------------------------------------------------------------------------


def _pair(said: str, what: str) -> tuple[str, Any]:
    name, sign, value = said.partition("=")
    if not sign or not name:
        raise Invalid([Problem((what,), f'"{said}" is not NAME=VALUE')])
    if not value.startswith(("{", "[")):
        return name, value
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Invalid([Problem((what, name), f"is not valid JSON: {error}")]) from None


def _glance(found: Run) -> str:
    """A run in a line: where it stands, since when, what came of it."""
    at = found.ended or found.began or found.asked
    return f"{STATES[found.state]}, {at:%Y-%m-%d %H:%M} UTC: {summary_of(found)}"


def _told(found: Find | Item) -> list[str]:
    """What is wrong with something, in words."""
    return [str(one) for one in of_json(found.problems)]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    said = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return escape(said)


def _print(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
