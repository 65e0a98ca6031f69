"""What is too long for the index of a database is refused before it is asked."""

import random

import pytest
from factories import dataset, plant

from catalogue.errors import Invalid
from catalogue.records.models import Record


def address(characters: int, begin: int) -> str:
    """An address that no index can compress."""
    chosen = random.Random(4)
    path = "".join(chr(chosen.randrange(begin, begin + 26)) for _ in range(characters))
    return f"https://register.example/{path}"


@pytest.mark.parametrize("iri", [address(1_970, ord("a")), address(650, 0x4E00)])
def test_an_address_of_nearly_two_thousand_bytes_is_the_name_of_a_dataset(empty, iri):
    plant(empty, dataset(id=iri, is_referenced_by=[iri]))
    empty.catch_up()
    with empty.database.read() as session:
        assert session.query(Record).filter_by(iri=iri).one().state == "published"


@pytest.mark.parametrize("iri", [address(2_000, ord("a")), address(1_800, 0x4E00)])
@pytest.mark.parametrize("field", ["id", "is_referenced_by"])
def test_a_longer_one_is_none_however_few_its_characters_are(empty, field, iri):
    value = iri if field == "id" else [iri]
    with pytest.raises(Invalid, match=r"is longer than 2,?000"):
        plant(empty, dataset(**{field: value}))
