"""``catalogue`` and ``python -m catalogue``: the commands of ``flask`` with this application."""

from flask.cli import FlaskGroup

from catalogue.app import create_app


def main() -> None:
    """Run the command line."""
    FlaskGroup(create_app=create_app)()


if __name__ == "__main__":
    main()
