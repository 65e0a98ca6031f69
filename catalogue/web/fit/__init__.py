"""Questions: asked by a sentence or a form, and how every dataset answers them."""

from __future__ import annotations

from catalogue.web.fit import asking, files, forming  # noqa: F401 - each adds its pages
from catalogue.web.fit.frame import blueprint

__all__ = ["blueprint"]
