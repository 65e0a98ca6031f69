"""The pages: one blueprint a file, all listed here."""

from __future__ import annotations

from catalogue.web import dataset, demand  # noqa: F401 - add pages to blueprints of others
from catalogue.web.about import blueprint as about
from catalogue.web.account import blueprint as account
from catalogue.web.admin import blueprint as admin
from catalogue.web.asking import blueprint as asking
from catalogue.web.assets import blueprint as assets
from catalogue.web.checks import blueprint as checks
from catalogue.web.compare import blueprint as compare
from catalogue.web.cube import blueprint as cube
from catalogue.web.datasets import blueprint as datasets
from catalogue.web.enquiries import blueprint as enquiries
from catalogue.web.fingerprint import blueprint as fingerprint
from catalogue.web.fit import blueprint as fit
from catalogue.web.forms import blueprint as forms
from catalogue.web.harvest import blueprint as harvest
from catalogue.web.history import blueprint as history
from catalogue.web.home import blueprint as home
from catalogue.web.labels import blueprint as labels
from catalogue.web.oidc import blueprint as elsewhere
from catalogue.web.organisations import blueprint as organisations
from catalogue.web.pairs import blueprint as pairs
from catalogue.web.preflight import blueprint as preflight
from catalogue.web.profile import blueprint as profile
from catalogue.web.records import blueprint as records
from catalogue.web.saved import blueprint as saved
from catalogue.web.sign_in import blueprint as sign_in
from catalogue.web.statements import blueprint as statements
from catalogue.web.variables import blueprint as variables
from catalogue.web.vocabularies import blueprint as vocabularies
from catalogue.web.workspace import blueprint as workspace

#: The blueprints of pages that everybody may read and crawlers should know.
blueprints = (
    home,
    datasets,
    fit,
    variables,
    cube,
    fingerprint,
    assets,
    records,
    history,
    preflight,
    labels,
    vocabularies,
    profile,
    about,
)
#: Those of pages for people who have an account, or come to have one.
rooms = (
    sign_in,
    elsewhere,
    account,
    organisations,
    admin,
    harvest,
    pairs,
    workspace,
    forms,
    compare,
    enquiries,
    statements,
    saved,
    asking,
    checks,
)
