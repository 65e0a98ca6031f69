"""How Alembic reaches the database: through the connection the catalogue hands it."""

from alembic import context

from catalogue import changes  # noqa: F401  the tables of the change log
from catalogue.accounts import models as accounts  # noqa: F401  the tables of people
from catalogue.database import Base
from catalogue.dictionary import models as dictionary  # noqa: F401  waiting dictionaries
from catalogue.records import models as records  # noqa: F401  the tables of records
from catalogue.upkeep import models as upkeep  # noqa: F401  the tables of upkeep
from catalogue.variables import models as variables  # noqa: F401  the table of variables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
