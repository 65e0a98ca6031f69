"""The pages: one blueprint a file, all listed here."""

from __future__ import annotations

from catalogue.web import dataset  # noqa: F401 - adds the page of a dataset to its blueprint
from catalogue.web.about import blueprint as about
from catalogue.web.datasets import blueprint as datasets
from catalogue.web.forms import blueprint as forms
from catalogue.web.history import blueprint as history
from catalogue.web.home import blueprint as home
from catalogue.web.profile import blueprint as profile
from catalogue.web.records import blueprint as records
from catalogue.web.vocabularies import blueprint as vocabularies

#: Every blueprint of pages, for the application to register.
blueprints = (home, datasets, records, history, vocabularies, profile, about, forms)
