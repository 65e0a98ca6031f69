"""Keeping descriptions true and useful: yearly checks, quality, the label, and demand."""
