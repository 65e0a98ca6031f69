"""Searches and questions that people save, and the digests that tell them what changed."""
