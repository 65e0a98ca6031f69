"""The catalogue as a FAIR Data Point."""

from __future__ import annotations

from flask import Response

from catalogue.export import blueprint
from catalogue.rdf.fair_data_point import point
from catalogue.rdf.formats import write
from catalogue.web.current import catalogue, session
from catalogue.web.linked import SUFFIX, answer, wanted


@blueprint.get("/fdp")
@blueprint.get(f"/fdp.<{SUFFIX}:suffix>")
def fair_data_point(suffix: str = "") -> Response:
    """The FAIR Data Point: what it is, and the catalogues it leads to."""
    format = wanted(suffix or None, html=False)
    assert format is not None

    def make() -> bytes:
        said = point(session, catalogue.graphs, catalogue.settings.title)
        return write(said, format, catalogue.profile.prefixes)

    tag = f"fdp-{catalogue.whole(session)}-{format.suffix}-{catalogue.version}"
    return answer(make, format.content_type, tag)
