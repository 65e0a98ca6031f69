"""What is stored: one document a record, every revision of it, and who may see what."""
