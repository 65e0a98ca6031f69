"""Fingerprints: what an OMOP dataset holds, in rounded numbers that tell of nobody.

A file of aggregates is read (``reading``), added up (``raw``), made safe (``privacy``,
``making``) and kept as one small document (``store``); the exact numbers never leave memory.
``docs/fingerprint.md`` argues the rules.
"""
