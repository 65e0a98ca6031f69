"""Realistic records for tests."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from catalogue.profile import Document, Shape
from catalogue.profile.defaults import Places
from catalogue.profile.folding import fold, unfold
from catalogue.profile.form import fields_of

EU = "http://publications.europa.eu/resource/authority/"
HDEU = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
EHDS = "http://data.europa.eu/eli/reg/2025/327/oj"
OWN = "https://w3id.org/outcome-catalogue/"

#: The twelve answers that the form asks for before a dataset can be published.
MINIMUM = {
    "title": {"en": "Heart failure registry"},
    "description": {"en": "Everybody admitted with heart failure since 2009."},
    "source_type": [OWN + "source-type/disease-registry"],
    "studied_condition": [{"condition": "heart-failure", "persons": 12000}],
    "keyword": {"en": ["heart failure"]},
    "health_category": [HDEU + "healthcategories/MRMR"],
    "number_of_unique_individuals": 12000,
    "spatial": [EU + "country/BEL"],
    "access_rights": EU + "access-right/NON_PUBLIC",
    "hdab": "id/agent/ghent",
    "contact_point": [{"email": "desk@hospital.example"}],
    "provenance": [{"label": {"en": "Collected at discharge."}}],
}
PLACES = Places("id/agent/ghent", "id/dataset/hf", "https://c.example/id/dataset/hf")


def agent(name: str = "Hospital of Ghent", **changed: Any) -> dict[str, Any]:
    """An organisation that may publish datasets."""
    return {
        "name": {"en": name},
        "contact_details": {"contact_page": "https://hospital.example/contact"},
        **changed,
    }


def dataset(**changed: Any) -> dict[str, Any]:
    """A dataset that may be published, not public, published by ``id/agent/ghent``."""
    document: dict[str, Any] = {
        "title": {"en": "Heart failure registry of Ghent"},
        "description": {"en": "Everybody admitted with heart failure since 2009."},
        "identifier": ["ghent-hf"],
        "access_rights": EU + "access-right/NON_PUBLIC",
        "applicable_legislation": [EHDS],
        "theme": [EU + "data-theme/HEAL"],
        "health_category": [HDEU + "healthcategories/EHRS"],
        "hdab": "id/agent/ghent",
        "publisher": "id/agent/ghent",
        "structured_data": False,
        "contact_point": [{"contact_name": "Registry desk", "email": "desk@hospital.example"}],
        "keyword": {"en": ["heart failure", "registry"]},
        "dataset_type": [EU + "dataset-type/PERSONAL_DATA"],
        "provenance": [{"label": {"en": "Collected at discharge."}}],
        "distribution": [
            {
                "title": {"en": "On application"},
                "access_url": ["https://hospital.example/data"],
                "applicable_legislation": [EHDS],
            }
        ],
        "number_of_unique_individuals": 12000,
        "spatial": [EU + "country/BEL"],
        "temporal": [{"start_date": "2009"}],
    }
    document.update(deepcopy(changed))
    return {name: value for name, value in document.items() if value is not None}


def answered(shape: Shape, answers: dict[str, Any] = MINIMUM) -> Document:
    """A new document after somebody answered, through the inputs of a form."""
    before = shape.begun(PLACES)
    loaded, problems = shape.load({**before, **answers})
    assert problems == []
    fields = [one for one in fields_of(shape) if one.name in loaded]
    said = fold(shape, fields, unfold(shape, fields, loaded), base=before)
    assert said.faults == []
    document = {**before, **{k: v for k, v in said.values.items() if v is not None}}
    return shape.identify(shape.settled(before, document, PLACES))


def plant(catalogue: Any, *documents: dict[str, Any], key: str = "hf") -> list[Any]:
    """Publish the hospital and some datasets called ``hf``, ``hf-2`` …; returns the datasets."""
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(), key="ghent", author="test")
        return [
            catalogue.records.put(
                session, "dataset", document, key=key if n == 1 else f"{key}-{n}", author="test"
            )
            for n, document in enumerate(documents or [dataset()], start=1)
        ]
