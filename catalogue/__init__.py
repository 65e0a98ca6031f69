"""A metadata catalogue for health data: find datasets by the outcomes that matter."""

__version__ = "0.1.0"
