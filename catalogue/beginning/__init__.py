"""Beginning a description from what is said elsewhere, to be confirmed field by field."""
