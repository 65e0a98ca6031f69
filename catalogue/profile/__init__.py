"""The application profile as a table: one row a property, one class a kind of value."""

from catalogue.profile.names import Names
from catalogue.profile.profile import Profile
from catalogue.profile.shape import Document, Property, Shape

__all__ = ["Document", "Names", "Profile", "Property", "Shape"]
