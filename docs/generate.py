"""Write the reference pages: settings, commands, addresses, properties, permissions.

Each says what the program says of itself: a setting's help, a command's and a view's
docstring, a property's row.  ``make docs`` writes them; a test fails when they are old or
when something has no words.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask
from werkzeug.routing import Rule

from catalogue.accounts.viewer import ROLES, ROLES_OVER_ALL
from catalogue.app import create_app
from catalogue.cli import group
from catalogue.config import Settings, reference
from catalogue.profile import Profile, Property
from catalogue.profile.tables import COLUMNS
from catalogue.records.models import STAGES
from catalogue.records.permissions import RULES

HERE = Path(__file__).parent


def commands() -> str:
    """``commands.md``: every command with its options."""
    lines = [
        "# Commands",
        "",
        "Run as `flask --app catalogue.app catalogue <command>`, or "
        "`.venv/bin/catalogue catalogue <command>`.",
        "",
    ]
    for name, command in _all(group):
        lines += [f"## `{name}`", "", " ".join((command.help or "").split()), ""]
        for one in command.params:
            if isinstance(one, click.Option):
                lines.append(f"- `{', '.join(one.opts)}`: {one.help or ''}")
            else:
                lines.append(f"- `{one.human_readable_name}`")
        lines += [""] if command.params else []
    return "\n".join(lines)


def _all(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """The commands of a group and of the groups in it, by their whole names."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _all(command, f"{before}{name} ")
        else:
            yield before + name, command


def addresses(app: Flask) -> str:
    """``addresses.md``: every address with what answers there."""
    lines = [
        "# Addresses",
        "",
        "Pages for people and documents for machines, below the public address.",
        "",
        "| address | what answers |",
        "| --- | --- |",
    ]
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, _methods(rule)))
    for rule in rules:
        view = app.view_functions[rule.endpoint]
        said = (view.__doc__ or "").strip().split("\n\n")[0]
        said = "A file of the pages' design." if rule.endpoint == "static" else said
        address = (_methods(rule) + rule.rule).replace("|", "\\|")
        lines.append(f"| `{address}` | {' '.join(said.split())} |")
    return "\n".join(lines) + "\n"


def _methods(rule: Rule) -> str:
    """What an address answers beside GET, which goes without saying."""
    methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return "" if "GET" in methods else "".join(f"{one} " for one in sorted(methods))


def properties(profile: Profile) -> str:
    """``properties.md``: every property of every class."""
    lines = [
        "# Properties",
        "",
        f"The profile in force: {profile.header}. Made from the tables in `schemas/`; "
        "`schemas/README.md` tells how to add a row.",
        "",
    ]
    for shape in profile.values():
        lines += [
            f"## {shape.label}",
            "",
            f"`{shape.class_id}` · {shape.note}",
            "",
            "| key | property | label | obligation | kind | meaning |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [_row(one) for one in shape]
        lines.append("")
    return "\n".join(lines)


def _row(one: Property) -> str:
    obligation = "; ".join([one.obligation, *(f"{o} if {c}" for o, c in one.exceptions)])
    kind = one.value.kind + (f" ({one.value.values})" if one.value.values else "")
    kind += ", repeatable" if one.repeatable else ""
    return (
        f"| `{one.name}` | `{one.property_id}` | {one.label} | {obligation} | {kind} | {one.note} |"
    )


def permissions() -> str:
    """``permissions.md``: who may do what with a record, in which stages."""
    lines = [
        "# Permissions",
        "",
        "Who may do what with a record, from the one table in `catalogue/records/permissions.py`. "
        "Roles of an organisation hold for its own records; reviewer and administrator are over "
        "all. What everybody may read is decided in `catalogue/records/visibility.py`.",
        "",
        "| action | roles | while the record is | only where nobody reviews |",
        "| --- | --- | --- | --- |",
    ]
    order = (*ROLES, *ROLES_OVER_ALL)
    for rule in RULES:
        roles = ", ".join(sorted(rule.roles, key=order.index))
        stages = ", ".join(stage for stage in STAGES if stage in rule.stages)
        stages = "in any stage" if rule.stages == frozenset(STAGES) else stages
        only = "yes" if rule.unreviewed else ""
        lines.append(f"| {rule.action} | {roles} | {stages} | {only} |")
    return "\n".join(lines) + "\n"


def columns() -> str:
    """The table of columns in ``schemas/README.md``."""
    return "\n".join(
        [
            "| column | meaning |",
            "| --- | --- |",
            *(f"| `{name}` | {meaning} |" for name, meaning in COLUMNS.items()),
        ]
    )


def pages() -> Iterator[tuple[Path, str]]:
    """Every reference page with its text."""
    with tempfile.TemporaryDirectory() as instance:
        app = create_app(Settings(instance=instance))
        profile = app.extensions["catalogue"].profile
        yield HERE / "configuration.md", reference()
        yield HERE / "commands.md", commands()
        yield HERE / "addresses.md", addresses(app)
        yield HERE / "properties.md", properties(profile)
        yield HERE / "permissions.md", permissions()


if __name__ == "__main__":
    for file, text in pages():
        file.write_text(text, encoding="utf-8")
        print(file.name)
