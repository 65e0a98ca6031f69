"""``flask catalogue …``: everything an operator does from a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue import changes, cli_accounts, cli_harvest
from catalogue.accounts.accounts import ADMINISTRATOR
from catalogue.accounts.models import Mail, User
from catalogue.accounts.post import unsent
from catalogue.commands import console, opened, said
from catalogue.errors import CatalogueError, Invalid
from catalogue.instance import Catalogue
from catalogue.jobs import Jobs
from catalogue.profile.names import Names
from catalogue.rdf.dumps import dump, packed_triples
from catalogue.rdf.formats import FORMATS, read
from catalogue.rdf.graph import records_in, unread
from catalogue.records.models import PUBLISHED, Fragment, Record
from catalogue.seed import is_wanted, seeds_in
from catalogue.seed import seed as plant
from catalogue.tending import failures, workers

#: The view that is no follower.
SPARQL = "sparql"
group = AppGroup("catalogue", help="Look after the catalogue.")
for command in (
    cli_accounts.users,
    cli_accounts.administrator,
    cli_accounts.post,
    cli_harvest.harvest,
):
    group.add_command(command)


def init_app(app: Flask) -> None:
    """Add the commands to an application."""
    app.cli.add_command(group)


@contextmanager
def _bar(words: str) -> Iterator[Progress]:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        yield progress


@group.command()
def init() -> None:
    """Make the database or bring it up to date, and the secret key."""
    catalogue = opened()
    catalogue.database.migrate()
    catalogue.settings.signing_key()
    console.print(f"Database ready: {catalogue.database.engine.url!r}", highlight=False)


@group.command()
@click.option(
    "--if-empty",
    is_flag=True,
    help="Do nothing if there are records; go on with a load that was cut off.",
)
def seed(if_empty: bool) -> None:
    """Load the demonstration records; the same again changes nothing."""
    catalogue = opened()
    folder = catalogue.settings.data_folder("seed_data")
    with catalogue.database.read() as session:
        if if_empty and not is_wanted(session, seeds_in(folder)):
            console.print("There are records already; nothing was loaded.")
            return
    with said(), _bar("seed") as progress:
        task = progress.add_task("Demonstration records", total=len(seeds_in(folder)))
        count = plant(catalogue, folder, lambda: progress.advance(task))
    _follow(catalogue)
    console.print(f"{count} records loaded.")


@group.command()
def check() -> None:
    """Check the tables, the vocabularies and every published record."""
    catalogue = opened()  # the tables were checked when it was opened
    console.print(
        f"{catalogue.profile.header}: {len(catalogue.profile)} classes, "
        f"{sum(len(s.properties) for s in catalogue.profile.values())} properties, "
        f"{len(catalogue.vocabularies)} vocabularies"
    )
    narrower = [one.profile for one in catalogue.profiles.values() if one.is_narrower]
    console.print(
        "also told under " + ", ".join(f"{one.name} ({len(one)} classes)" for one in narrower)
    )
    broken = 0
    with catalogue.database.read() as session, _bar("check") as progress:
        published = select(Record).where(Record.state == PUBLISHED)
        total = session.scalar(select(func.count()).select_from(published.subquery()))
        task = progress.add_task("Published records", total=total)
        for record in session.scalars(published.execution_options(yield_per=500)):
            document = record.document or {}
            _, typed = catalogue.records.shape(record.kind).load(document)
            found = typed or catalogue.records.check(session, record.kind, document, record.iri)
            for problem in found:
                if problem.severity == "violation":
                    broken += 1
                    console.print(f"[red]✗[/red] {record.iri}: {problem}", highlight=False)
            progress.advance(task)
        for iri, fault in session.execute(
            select(Record.iri, Fragment.fault).join(Fragment).where(Fragment.fault != "")
        ):
            broken += 1
            console.print(f"[red]✗[/red] {iri}: left out of RDF: {fault}", highlight=False)
    console.print("No violations." if not broken else f"{broken} violations.")
    sys.exit(1 if broken else 0)


def _follow(catalogue: Catalogue, rebuild: tuple[str, ...] = ()) -> None:
    with _bar("follow") as progress:
        for name, follower in catalogue.followers.items():
            if rebuild and name not in rebuild:
                continue
            task = progress.add_task(name, total=None)

            def report(done: int, total: int, task: object = task) -> None:
                progress.update(task, completed=done, total=total)  # type: ignore[arg-type]

            if rebuild:
                catalogue.follow.rebuild(follower, report)
            else:
                catalogue.follow(follower, report)
            progress.update(task, total=1, completed=1, visible=bool(rebuild))


@group.command()
def follow() -> None:
    """Let every view of the records catch up with the change log."""
    _follow(opened())


@group.command()
@click.option(
    "--threads",
    default=2,
    show_default=True,
    type=click.IntRange(1, 16),
    help="How many things are done at a time.",
)
def worker(threads: int) -> None:
    """Keep everything fresh in the background, until SIGTERM or Ctrl-C: views, mails, reports.

    Several may run. What is being done when the signal comes is brought to a good end.
    """
    catalogue = opened()
    if not catalogue.database.is_current():
        console.print("The database is not of the newest version: run flask catalogue init.")
        sys.exit(1)
    with said():
        Jobs(catalogue).work(threads)


@group.command()
@click.argument("views", nargs=-1)
def rebuild(views: tuple[str, ...]) -> None:
    """Build VIEWS anew from the records: facets, rdf, search, sparql; all if none is named."""
    catalogue = opened()
    known = (*catalogue.followers, SPARQL)
    if unknown := set(views) - set(known):
        raise click.BadParameter(f"{', '.join(unknown)}; the views are {', '.join(known)}")
    if followers := tuple(one for one in views or known if one != SPARQL):
        _follow(catalogue, followers)
    if SPARQL in (views or known):
        _build_sparql(catalogue)


def _build_sparql(catalogue: Catalogue) -> None:
    """The store follows when somebody asks, so it is no follower; it is built all the same."""
    if not catalogue.sparql.store.is_fed_here:
        console.print("The SPARQL store is fed by somebody else; it was left as it is.")
        return
    with said(), _bar("rebuild") as progress:
        task = progress.add_task(SPARQL, total=None)
        catalogue.sparql.rebuild(
            lambda done, total: progress.update(task, completed=done, total=total)
        )
        progress.update(task, total=1, completed=1)


@group.command()
@click.option(
    "--format",
    "suffix",
    default="nt.gz",
    show_default=True,
    type=click.Choice([*FORMATS, "nt.gz"]),
    help="The RDF format.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; replaced as a whole at the end. Default: standard output.",
)
def export(suffix: str, output: Path | None) -> None:
    """Write the whole published catalogue as RDF."""
    catalogue = opened()
    with catalogue.database.read() as session:
        pieces = (
            packed_triples(session)
            if suffix == "nt.gz"
            else dump(session, FORMATS[suffix], catalogue.profile.prefixes)
        )
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        unfinished = output.with_name(output.name + ".unfinished")
        with unfinished.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        unfinished.replace(output)
    console.print(f"{output}: {output.stat().st_size:,} bytes", highlight=False)


@group.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--draft", is_flag=True, help="Save drafts; do not publish.")
@click.option("--author", default="import", show_default=True, help="Who is written down.")
def import_(files: tuple[Path, ...], draft: bool, author: str) -> None:
    """Take in records from RDF FILES (.ttl .jsonld .rdf .nt) or JSON documents (<kind>/<key>.json).

    A file is taken in whole or not at all.  Statements that no property of the profile
    claims are counted and named.
    """
    catalogue = opened()
    failed = False
    for file in files:
        try:
            with catalogue.changing() as session:
                told = _import_file(catalogue, session, file, draft=draft, author=author)
            console.print(f"[green]✓[/green] {file}: {told}", highlight=False)
        except Invalid as error:
            failed = True
            console.print(f"[red]✗[/red] {file}: nothing was taken in", highlight=False)
            for problem in error.problems[:20]:
                console.print(f"    {problem}", highlight=False)
    sys.exit(1 if failed else 0)


def _import_file(
    catalogue: Catalogue, session: Session, file: Path, *, draft: bool, author: str
) -> str:
    suffix = file.suffix.lstrip(".")
    if suffix == "json":
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise Invalid(f"This is not valid JSON: {error}") from None
        kind, key = file.parent.name, file.stem
        _keep(catalogue, session, kind, key, data, draft=draft, author=author)
        return f"1 {kind}"
    if suffix not in FORMATS:
        raise Invalid(f'".{suffix}" is not read; there are .json, .{", .".join(FORMATS)}')
    base = catalogue.settings.public_address
    names = Names(base)
    statements = read(file.read_bytes(), FORMATS[suffix], base)
    found = records_in(catalogue.profile, statements, names)
    if not found:
        raise Invalid("No record was found; a dataset needs an IRI and the type dcat:Dataset.")
    for one in found:
        record = session.scalar(select(Record).where(Record.iri == one.iri))
        key = record.key if record else ""
        if not key and one.iri.startswith(f"id/{one.kind}/"):
            key = one.iri.rsplit("/", 1)[-1]
        data = {**one.document, "id": one.iri}
        _keep(catalogue, session, one.kind, key, data, draft=draft, author=author)
    left = unread(catalogue.profile, statements, found, names)
    predicates = sorted({predicate for _, predicate, _ in left})
    told = f"{len(found)} records"
    return told + (
        f"; {len(left)} statements have no property here: {', '.join(predicates)}" if left else ""
    )


def _keep(
    catalogue: Catalogue,
    session: Session,
    kind: str,
    key: str,
    data: object,
    *,
    draft: bool,
    author: str,
) -> None:
    if not isinstance(data, dict):
        raise Invalid("A record is a JSON object.")
    keep = catalogue.records.save if draft else catalogue.records.put
    keep(session, kind, data, key=key, author=author)


@group.command()
def doctor() -> None:
    """Say how the catalogue is, and what to do about what is wrong."""
    catalogue = opened()
    table = Table("what", "state", box=None, header_style="bold")
    wrong = 0

    def row(what: str, state: str, remedy: str = "") -> None:
        nonlocal wrong
        wrong += bool(remedy)
        table.add_row(what, f"[red]{state}[/red] → {remedy}" if remedy else state)

    settings = catalogue.settings
    row("profile", f"{catalogue.profile.header}, checked")
    row("public address", settings.public_address)
    if not catalogue.database.is_current():
        row("database", "not of the newest version", "flask catalogue init")
    else:
        with catalogue.database.read() as session:
            counts = session.execute(
                select(Record.kind, Record.state, func.count()).group_by(Record.kind, Record.state)
            ).all()
            row("database", str(catalogue.database.engine.url))
            row("records", ", ".join(f"{n} {kind} {state}" for kind, state, n in counts) or "none")
            gap = changes.head(session) - changes.count(session)
            row(
                "change log",
                f"position {changes.head(session)}",
                f"{gap} changes are missing; restore a backup" if gap else "",
            )
            for name in catalogue.followers:
                at = session.get(changes.Position, name)
                late = changes.head(session) - (at.seq if at else 0)
                state = f"{late} changes behind" if late else "up to date"
                stopped = f"; stopped by {at.error}" if at and at.error and late else ""
                row(f"view: {name}", state + stopped, "flask catalogue follow" if late else "")
            row(f"view: {SPARQL}", *_sparql_state(catalogue, session))
            faults = session.scalar(
                select(func.count()).select_from(Fragment).where(Fragment.fault != "")
            )
            _tell_accounts(session, row)
            _tell_jobs(session, row)
            if faults:
                row("RDF", f"{faults} records with statements left out", "flask catalogue check")
    key = settings.instance_folder / "secret_key"
    if key.exists() and key.stat().st_mode & 0o077:
        row("secret key", "readable by others", f"chmod 600 {key}")
    Console().print(table)
    sys.exit(1 if wrong else 0)


def _sparql_state(catalogue: Catalogue, session: Session) -> tuple[str, str]:
    """How the SPARQL store is, and what to do about it; being a little behind is no fault."""
    service = catalogue.sparql
    try:
        if not service.store.is_fed_here:
            return "fed by somebody else", ""
        behind = service.standing(session).behind
        if behind is None:
            return "not built; the first query or a worker builds it", ""
        if fault := service.fault():
            return fault, "see docs/sparql.md"
    except CatalogueError as error:
        return str(error), "see CATALOGUE_SPARQL_STORE"
    return (f"{behind} changes behind; the next query reads them" if behind else "up to date"), ""


def _tell_accounts(session: Session, row: Callable[..., None]) -> None:
    """Rows of the doctor's report about people and mails."""
    people = session.scalar(select(func.count()).select_from(User)) or 0
    heads = session.scalars(select(User).where(User.role == ADMINISTRATOR)).all()
    lonely = people and not any(one.active for one in heads)
    remedy = "flask catalogue administrator <email>" if lonely else ""
    row("accounts", f"{people}, {len(heads)} administrators", remedy)
    waiting, given_up = unsent(session)
    if waiting or given_up:
        error = session.scalar(
            select(Mail.error).where(Mail.error != "").order_by(Mail.id.desc()).limit(1)
        )
        state = f"{waiting} not sent yet, {given_up} given up: {error}"
        row("mails", state, "see CATALOGUE_MAIL, then flask catalogue post" if waiting else "")


def _tell_jobs(session: Session, row: Callable[..., None]) -> None:
    """Rows of the doctor's report about the background worker."""
    living = workers(session)
    names = ", ".join(one.name for one in living)
    row("worker", f"{len(living)} alive: {names}" if living else "none: reports are not made anew")
    for one in failures(session):
        state = f"failed at {one.at:%Y-%m-%d %H:%M} UTC: {one.error}"
        row(f"tender: {one.tender}", state, "see the worker's log; it is tried again each minute")
