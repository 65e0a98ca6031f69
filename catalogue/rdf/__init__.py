"""Records as linked data: fragments, self-contained documents, pages and dumps."""
