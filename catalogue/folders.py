"""Where the data folders are: the only module that knows."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """A data folder: inside the package once installed, beside it in a checkout.

    ``name`` is one of ``schemas``, ``vocabularies``, ``templates``, ``seed_data``.
    """
    beside = _PACKAGE.parent / name
    # A checkout wins over copies that an editable install leaves in site-packages.
    return beside if beside.is_dir() else _PACKAGE / name
