"""Documents and criteria of few concepts, so that they meet."""

from __future__ import annotations

from hypothesis import strategies as st

from catalogue.outcomes.questions import Criterion

OWN = "https://w3id.org/outcome-catalogue/"
EU = "http://publications.europa.eu/resource/authority/"


def _own(scheme, *codes):
    return [f"{OWN}{scheme}/{code}" for code in codes]


CONDITIONS = _own(
    "condition", "prostate-cancer", "localised-prostate-cancer", "cancer", "heart-failure",
    "general-population", "advanced-prostate-cancer",
    "metastatic-castration-resistant-prostate-cancer",
)  # fmt: skip
STAGES = _own("disease-stage", "localised", "metastatic", "metastatic-castration-resistant", "hfref",
    "preclinical",
)  # fmt: skip
OUTCOMES = _own(
    "outcome", "overall-survival", "cause-specific-survival", "prostate-cancer-specific-survival",
    "urinary-function", "urinary-incontinence", "positive-surgical-margin",
    "need-for-curative-treatment", "pain",
)  # fmt: skip
STATES = _own("outcome-state", "collected", "not-collected", "not-applicable")
INSTRUMENTS = _own("instrument", "epic", "epic-26", "sf-36", "mmse")
TIMINGS = _own("timing", "before-treatment", "after-treatment")
ITEMS = _own("core-outcome-set", "pca-loc-08", "pca-loc-14", "pca-loc-17", "lpc-incont")
SETS = _own("core-outcome-set", "compacters-localised-pca", "ichom-localized-pca")
TREATMENTS = _own("treatment", "active-surveillance", "radical-prostatectomy", "catheter-ablation")
VARIABLES = _own("variable", "prostate-specific-antigen", "tnm-stage")
PLACES = [
    EU + "country/BEL",
    EU + "country/DEU",
    EU + "continent/EUROPE",
    "https://place.example/1",
]
FREQUENCIES = [f"{EU}frequency/{code}" for code in ("MONTHLY", "ANNUAL", "NEVER", "IRREG")]
OMOP = _own("omop-status", "mapped", "planned", "no")
LINKAGES = _own("linkage-possibility", "pre-linked", "possible", "not-possible")
DOMAINS = _own("comet-domain", "1", "16", "32")


def some(values, most=2):
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


def _part(required, optional):
    return st.fixed_dictionaries(required, optional=optional)


conditions = _part(
    {"condition": st.sampled_from(CONDITIONS)},
    {"stage": some(STAGES), "persons": st.sampled_from([0, 40, 60, 100, 200])},
)
statements = _part(
    {"outcome": st.sampled_from(OUTCOMES), "state": st.sampled_from([*STATES, STATES[0]])},
    {
        "instrument": some(INSTRUMENTS),
        "timing": some(TIMINGS),
        "set_item": some(ITEMS),
        "completeness_percent": st.sampled_from([20, 80, 97.5]),
    },
)
reasons = st.fixed_dictionaries(
    {
        "field": st.sampled_from(["treatment", "studied_condition", "omop_status"]),
        "reason": st.sampled_from(_own("reason", "unknown", "not-applicable")),
    }
)
years = st.integers(2000, 2006).map(str)
documents = _part(
    {"title": st.fixed_dictionaries({"en": st.text("abc ", min_size=1, max_size=4)})},
    {
        "studied_condition": st.lists(conditions, min_size=1, max_size=3),
        "outcome_statement": st.lists(statements, min_size=1, max_size=5),
        "treatment": some(TREATMENTS),
        "not_stated": st.lists(reasons, min_size=1, max_size=2),
        "key_variable": some(VARIABLES),
        "spatial": some(PLACES),
        "frequency": st.sampled_from(FREQUENCIES),
        "omop_status": st.sampled_from(OMOP),
        "linkage": st.lists(
            _part({"linkage_possibility": st.sampled_from(LINKAGES)}, {}), min_size=1, max_size=2
        ),
        "number_of_unique_individuals": st.integers(0, 300),
        "follow_up_median_years": st.sampled_from([0.5, 2, 5, 7.5]),
        "follow_up_maximum_years": st.sampled_from([1, 4, 8]),
        "lag_months": st.sampled_from([0, 3, 12]),
        "min_typical_age": st.integers(0, 70),
        "max_typical_age": st.integers(0, 90),
        "temporal": st.lists(
            _part({}, {"start_date": years, "end_date": years}), min_size=1, max_size=3
        ),
    },
)


def _concepts(kind, values, **beside):
    def made(found):
        asked = tuple((name, value) for name, value in found[1].items() if value is not None)
        return Criterion(kind, tuple(found[0]), None, asked)

    qualifiers = {
        name: st.none()
        | (st.sampled_from(one) if isinstance(one[0], float) else some(one).map(tuple))
        for name, one in beside.items()
    }
    return st.tuples(some(values), st.fixed_dictionaries(qualifiers)).map(made)


def _number(kind, numbers, *, low=True, high=True):
    bound = st.sampled_from(numbers).map(float)

    def made(found):
        first, last = found
        if first is not None and last is not None and first > last:
            first, last = last, first
        return Criterion(kind, (), (first, last))

    lows = bound if low and not high else st.none() | bound
    if not low:
        return bound.map(lambda number: Criterion(kind, (), (None, number)))
    if not high:
        return lows.map(lambda number: Criterion(kind, (), (number, None)))
    return st.tuples(st.none() | bound, bound).map(made) | bound.map(
        lambda number: Criterion(kind, (), (number, None))
    )


criteria = st.one_of(
    _concepts("condition", CONDITIONS, stage=STAGES, persons=[50.0, 100.0, 150.0]),
    _concepts(
        "outcome",
        OUTCOMES,
        instrument=INSTRUMENTS,
        timing=TIMINGS,
        completeness_percent=[50.0, 90.0],
    ),
    _concepts("outcome_domain", DOMAINS),
    _concepts("instrument", INSTRUMENTS, timing=TIMINGS),
    _concepts("core_outcome_set", SETS, least=[1.0, 2.0, 5.0, 17.0, 18.0, 19.0, 30.0]),
    _concepts("variable", VARIABLES),
    _concepts("treatment", TREATMENTS),
    _concepts("spatial", PLACES[:2]),
    _concepts("omop_status", OMOP),
    _concepts("linkage", LINKAGES),
    _number("number_of_unique_individuals", [0, 100, 250], high=False),
    _number("follow_up_median_years", [1, 5, 6], high=False),
    _number("lag_months", [0, 6, 12], low=False),
    _number("frequency", [1, 12, 24], low=False),
    _number("typical_age", [0, 18, 65, 90]),
    _number("year", [1999, 2001, 2003, 2006]),
)
