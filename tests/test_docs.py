"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest

from catalogue.cli import group
from catalogue.config import PREFIX, Settings

ROOT = Path(__file__).parents[1]
_spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
assert _spec
assert _spec.loader
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


def test_the_reference_pages_are_those_the_program_writes():
    for file, text in generate.pages():
        assert file.read_text(encoding="utf-8") == text, f"{file.name} is old: run make docs"


def test_every_setting_says_what_it_means():
    documented = (ROOT / "docs/configuration.md").read_text()
    for one in fields(Settings):
        assert one.metadata["help"]
        assert f"`{PREFIX}{one.name.upper()}`" in documented


def test_every_command_and_option_says_what_it_does():
    for _, command in generate._all(group):
        assert command.help
        for one in command.params:
            assert one.param_type_name == "argument" or one.help


def test_every_address_says_what_answers_there(app):
    for rule in app.url_map.iter_rules():
        assert rule.endpoint == "static" or app.view_functions[rule.endpoint].__doc__, rule


def test_every_property_has_a_label_and_a_meaning(profile):
    for shape in profile.values():
        assert shape.note, shape.name
        for one in shape:
            assert one.label, (shape.name, one.name)
            assert one.note.endswith("."), (shape.name, one.name)
            assert one.group, (shape.name, one.name)


def test_the_columns_of_the_table_are_explained():
    text = (ROOT / "schemas/README.md").read_text()
    assert re.search(r"<!-- columns -->\n(.*)\n<!-- /columns -->", text, re.S)[1] == (
        generate.columns()
    )


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_spoken_of_exists(file):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    spoken = set(re.findall(r"`?make ([a-z]+)", (ROOT / file).read_text()))
    assert spoken <= targets | {"a", "it", "sure"}


def test_every_file_that_the_documents_link_to_exists():
    for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name}: {target}"
