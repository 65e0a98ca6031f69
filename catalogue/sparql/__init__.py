"""SPARQL 1.1 over what everybody may see: the protocol, the store, what keeps it up to date."""
