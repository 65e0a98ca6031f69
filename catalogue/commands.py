"""What commands share: the open catalogue, the terminal, errors in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from rich.console import Console

from catalogue.errors import CatalogueError, Invalid
from catalogue.instance import Catalogue

console = Console(stderr=True)


def opened() -> Catalogue:
    """The catalogue that a command works on."""
    catalogue: Catalogue = current_app.extensions["catalogue"]
    return catalogue


@contextmanager
def said() -> Iterator[None]:
    """Errors of ours end a command with their words, not with a trace."""
    try:
        yield
    except Invalid as error:
        for problem in error.problems:
            console.print(f"[red]✗[/red] {problem}", highlight=False)
        sys.exit(1)
    except CatalogueError as error:
        console.print(f"[red]✗[/red] {error}", highlight=False)
        sys.exit(1)
