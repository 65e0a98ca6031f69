"""Taking in what other catalogues describe.

A **source** is an address and how it is read.  A **run** reads all of it: pages first, into
*finds*, and nothing is changed until everything was read; then the finds become records.  An
**item** is what the catalogue remembers of one description of one source: which record it
became, what it said last, when it was last there.  Runs and their finds may be thrown away;
items may not.
"""
