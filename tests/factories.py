"""Realistic records for tests."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

EU = "http://publications.europa.eu/resource/authority/"
HDEU = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
EHDS = "http://data.europa.eu/eli/reg/2025/327/oj"


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
