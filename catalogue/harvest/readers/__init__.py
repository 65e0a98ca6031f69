"""The readers of the protocols that other catalogues speak, and which one a source needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from catalogue.harvest.fetch import Fetcher
from catalogue.harvest.models import PROTOCOLS
from catalogue.harvest.parsing import Parser
from catalogue.harvest.readers.detecting import detect
from catalogue.harvest.reading import Asked, Reader

__all__ = ["READERS", "Make", "detect"]

#: What makes a reader of a source.
Make = Callable[[Asked, Fetcher, Parser], Reader]


def _maker(protocol: str) -> Make:
    """What makes the readers of a protocol; its module is loaded when the first is made."""

    def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> Reader:
        module = import_module(f"{__name__}.{protocol.replace('-', '_')}")
        reader: Reader = module.make(asked, fetcher, parser)
        return reader

    return make


#: By protocol; finding it out ("auto") is no protocol.
READERS: Mapping[str, Make] = {one: _maker(one) for one in PROTOCOLS if one != "auto"}
