"""Validation reports of SHACL as our problems."""

from __future__ import annotations

from rdflib import RDF, SH, Graph

from catalogue.errors import Problem, Severity


def problems_in(report: Graph) -> list[Problem]:
    """The results of a SHACL report as problems; nested details are left out (they repeat)."""
    severities: dict[object, Severity] = {SH.Violation: "violation", SH.Warning: "warning"}
    problems = []
    for top in report.subjects(RDF.type, SH.ValidationReport):
        for result in report.objects(top, SH.result):
            path = report.value(result, SH.resultPath)
            message = report.value(result, SH.resultMessage)
            component = report.value(result, SH.sourceConstraintComponent)
            value = report.value(result, SH.value)
            focus = report.value(result, SH.focusNode)
            where = f" ({value})" if value not in (None, focus) else ""
            problems.append(
                Problem(
                    (str(focus), str(path or "")),
                    f"{message or 'breaks a rule'}{where}",
                    severities.get(report.value(result, SH.resultSeverity), "quality"),
                    str(component or "").rsplit("#", 1)[-1],
                )
            )
    return problems
