"""Searching variables: datasets with dictionaries, and how long pages and answers take.

    python benchmarks/variables.py --datasets 500 --variables 1000 --folder /tmp/variables

The records are written into the database as they are stored, and only the two views of variables
follow; then every question is asked once, so that no kept answer is measured.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from sqlalchemy import func, select

from catalogue import changes
from catalogue.app import create_app
from catalogue.config import Settings
from catalogue.instance import Catalogue
from catalogue.records.models import PUBLISHED, Record
from catalogue.variables.models import VariableRow

#: So many questions a class.
EACH = 60
_MEASURES = [
    "blood pressure",
    "heart rate",
    "body weight",
    "haemoglobin",
    "creatinine",
    "PSA",
    "cholesterol",
    "glucose",
    "pain score",
    "fatigue",
    "urinary function",
    "sexual function",
    "bowel function",
    "MMSE total",
    "EQ-5D index",
    "NYHA class",
    "ejection fraction",
    "tumour stage",
    "Gleason score",
    "lymphocyte count",
    "platelets",
    "survival status",
    "date of death",
    "date of relapse",
    "smoking status",
    "alcohol intake",
    "education",
    "occupation",
    "medication",
    "dose",
    "adverse event",
    "hospital admission",
    "length of stay",
    "discharge",
    "diagnosis code",
    "procedure code",
    "sample volume",
    "genotype",
    "imaging finding",
    "questionnaire item",
]
_MOMENTS = [
    "at baseline",
    "at diagnosis",
    "before treatment",
    "after surgery",
    "at discharge",
    "at 3 months",
    "at 6 months",
    "at 12 months",
    "at 24 months",
    "at 5 years",
    "at last contact",
    "at relapse",
]
_QUALIFIERS = [
    "systolic",
    "diastolic",
    "mean",
    "lowest",
    "highest",
    "first",
    "second",
    "third",
    "left",
    "right",
    "self-reported",
    "measured",
    "estimated",
    "corrected",
    "fasting",
    "morning",
    "evening",
    "weekly",
    "yearly",
    "cumulative",
]
_TYPES = ("decimal", "integer", "string", "date", "boolean")
_SYLLABLES = ("ka", "ro", "mi", "tel", "su", "van", "dor", "bi", "lep", "no", "gri", "zu")


def word(random_: random.Random) -> str:
    """A word that hardly any other variable has."""
    return "".join(random_.choice(_SYLLABLES) for _ in range(4))


def column(number: int, random_: random.Random) -> dict[str, Any]:
    """One variable."""
    parts = [random_.choice(_QUALIFIERS), random_.choice(_MEASURES), random_.choice(_MOMENTS)]
    label = " ".join(parts)
    name = "_".join(one[:4].lower() for one in label.split()) + f"_{number}"
    return {
        "id": f"#column-{number}",
        "column_name": name,
        "column_title": {"en": label.capitalize()},
        "description": {"en": f"{label.capitalize()}, form {word(random_)}, page {number % 90}"},
        "datatype": random_.choice(_TYPES),
        "unit": random_.choice(("mmHg", "ng/ml", "g/dl", "years", "points", "")),
        "codes": ["0 = No", "1 = Yes"] if number % 5 == 0 else [],
    }


def document(number: int, variables: int) -> dict[str, Any]:
    """A dataset with a dictionary of ten tables."""
    random_ = random.Random(number)
    columns = [column(one, random_) for one in range(variables)]
    each = max(1, variables // 10)
    tables = [
        {
            "id": f"#table-{place}",
            "title": {"en": f"Table {place // each + 1}"},
            "column": columns[place : place + each],
        }
        for place in range(0, variables, each)
    ]
    return {
        "title": {"en": f"Cohort {number} of {word(random_)}"},
        "description": {"en": "A cohort."},
        "variables": [{"id": "#variables-1", "title": {"en": "Dictionary"}, "table": tables}],
    }


def load(catalogue: Catalogue, datasets: int, variables: int) -> None:
    """Write the records as they are stored, each with its change."""
    now = datetime.now(UTC)
    for begin in range(0, datasets, 50):
        with catalogue.database.write() as session:
            records = []
            for number in range(begin, min(begin + 50, datasets)):
                said = document(number, variables)
                records.append(
                    Record(
                        kind="dataset",
                        key=f"d{number}",
                        iri=f"id/dataset/d{number}",
                        slug=f"d{number}",
                        state=PUBLISHED,
                        revision=1,
                        document=said,
                        title=said["title"]["en"],
                        created=now,
                        issued=now,
                        modified=now,
                        touched=now,
                    )
                )
            session.add_all(records)
            session.flush()
            changes.append_all(session, records, "published", now)


def questions(seed: int = 3) -> Iterator[tuple[str, list[str]]]:
    """Every class of questions with its parameters; hardly any comes twice."""
    random_ = random.Random(seed)
    pick = random_.choice

    def asked(make: Any) -> list[str]:
        return list(dict.fromkeys(make() for _ in range(EACH * 3)))[:EACH]

    def q(text: str) -> str:
        return f"q={quote_plus(text)}"

    yield "one word", asked(lambda: q(pick(pick(_MEASURES + _MOMENTS + _QUALIFIERS).split())))
    yield "two words", asked(lambda: q(f"{pick(_QUALIFIERS)} {pick(_MEASURES).split()[0]}"))
    yield "whole label", asked(lambda: q(f"{pick(_QUALIFIERS)} {pick(_MEASURES)} {pick(_MOMENTS)}"))
    yield "name", asked(lambda: q(f"syst_bloo_{random_.randrange(1000)}"))
    yield "phrase", asked(lambda: q(f'"{pick(_MEASURES)} {pick(_MOMENTS)}"'))
    yield "prefix", asked(lambda: q(pick(_MEASURES)[:4] + f"* {pick(_QUALIFIERS)}"))
    yield "rare word", asked(lambda: q(word(random_)))
    yield "misspelt", asked(lambda: q(pick(_MEASURES).replace("o", "oo", 1) + " " + pick(_MOMENTS)))
    yield (
        "one dataset",
        asked(lambda: f"{q(pick(_MEASURES))}&dataset=id/dataset/d{random_.randrange(500)}"),
    )
    yield "type", asked(lambda: f"{q(pick(_MEASURES))}&datatype={pick(_TYPES)}")
    yield "everything", [f"page={number}" for number in range(1, EACH + 1)]


def measure(client: Any, path: str, seed: int) -> dict[str, dict[str, float]]:
    """Milliseconds by class: the middle, the slow end, the slowest, and the processor's share."""
    found = {}
    for name, some in questions(seed):
        times, worked = [], []
        for parameters in some:
            if path.startswith("/api"):
                parameters = parameters.replace("page=", "q=page+")
            begin, busy = time.perf_counter(), time.process_time()
            response = client.get(f"{path}?{parameters}")
            times.append((time.perf_counter() - begin) * 1000)
            worked.append((time.process_time() - busy) * 1000)
            assert response.status_code == 200, (parameters, response.status_code)
        times.sort()
        worked.sort()
        found[name] = {
            "p50": round(statistics.median(times), 1),
            "p95": round(times[int(len(times) * 0.95) - 1], 1),
            "max": round(times[-1], 1),
            # On a machine that does other things meanwhile only this tells what it costs.
            "processor p95": round(worked[int(len(worked) * 0.95) - 1], 1),
        }
        print(f"{path:20} {name:14} {found[name]}", flush=True)
    return found


def main() -> None:
    """Build once, ask everything."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--datasets", type=int, default=500)
    arguments.add_argument("--variables", type=int, default=1000)
    arguments.add_argument("--engine", default="whoosh", choices=["whoosh", "tantivy"])
    arguments.add_argument("--folder", type=Path, required=True)
    plan = arguments.parse_args()
    catalogue = Catalogue(
        Settings(
            public_address="https://c.example.org/",
            instance=str(plan.folder),
            search_engine=plan.engine,
            rate_limits="off",
        )
    )
    catalogue.database.migrate()
    told: dict[str, Any] = {"datasets": plan.datasets, "variables": plan.variables}
    with catalogue.database.read() as session:
        empty = not session.scalar(select(func.count()).select_from(Record))
    if empty:
        begin = time.perf_counter()
        load(catalogue, plan.datasets, plan.variables)
        told["load"] = round(time.perf_counter() - begin, 1)
    for name in ("variables", "variable-search"):
        begin = time.perf_counter()
        catalogue.follow(catalogue.followers[name])
        told[name] = round(time.perf_counter() - begin, 1)
        print(name, told[name], "s", flush=True)
    with catalogue.database.read() as session:
        told["rows"] = session.scalar(select(func.count()).select_from(VariableRow))
    app = create_app(catalogue=catalogue)
    client = app.test_client()
    client.get("/variables?q=first")
    told["pages"] = measure(client, "/variables", 3)
    told["answers"] = measure(client, "/api/v1/variables", 4)
    with catalogue.database.write() as session:
        record = catalogue.records.get(session, "dataset", "d7")
        record.document = document(100_007, plan.variables)
        record.revision += 1
        changes.append(session, record, "updated", datetime.now(UTC))
    begin = time.perf_counter()
    for name in ("variables", "variable-search"):
        catalogue.follow(catalogue.followers[name])
    told["replaced"] = round(time.perf_counter() - begin, 2)
    print("replacing one dictionary", told["replaced"], "s", flush=True)
    (plan.folder / "variables.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    catalogue.close()


if __name__ == "__main__":
    main()
