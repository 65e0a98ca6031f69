"""Settings: from the environment, from a file, and wrong ones named."""

from __future__ import annotations

import pytest

from catalogue.config import Settings
from catalogue.errors import FaultyTable


def test_the_environment_wins_over_the_file(tmp_path):
    file = tmp_path / "catalogue.toml"
    file.write_text('title = "From the file"\npage_size = 7\n')
    settings = Settings.read({"CATALOGUE_CONFIG": str(file), "CATALOGUE_TITLE": "From outside"})
    assert (settings.title, settings.page_size) == ("From outside", 7)


def test_the_public_address_ends_in_a_slash():
    assert Settings(public_address="https://c.example/x").public_address == "https://c.example/x/"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CATALOGUE_PUBLIC_ADDRESS": "catalogue.example.org"}, "PUBLIC_ADDRESS"),
        ({"CATALOGUE_PUBLIC_ADDRESS": "ftp://c.example/"}, "write it like https://"),
        ({"CATALOGUE_PUBLIC_ADDRESS": "https://c.example/?a=b"}, "write it like https://"),
        ({"CATALOGUE_PAGE_SIZE": "many"}, "PAGE_SIZE: 'many' is not a whole number"),
        ({"CATALOGUE_PAGE_SIZE": "0"}, "PAGE_SIZE: must be between"),
        ({"CATALOGUE_CONTACT": "the desk"}, "CONTACT: 'the desk' is not an e-mail address"),
        ({"CATALOGUE_HARVEST_ALLOW": "10.0.0.0/8, our network"}, "HARVEST_ALLOW: 'our network' is"),
        ({"CATALOGUE_HARVEST_ALLOW": "localhost:http"}, "write it like localhost"),
        ({"CATALOGUE_CONFIG": "/nowhere.toml"}, "CONFIG: /nowhere.toml cannot be read"),
    ],
)
def test_a_wrong_setting_is_named_with_the_way_out(environment, said):
    with pytest.raises(FaultyTable, match=said):
        Settings.read(environment)


def test_an_unknown_setting_in_the_file_is_named(tmp_path):
    file = tmp_path / "catalogue.toml"
    file.write_text("tilte = 'x'\n")
    with pytest.raises(FaultyTable, match="unknown setting tilte"):
        Settings.read({"CATALOGUE_CONFIG": str(file)})
