"""OAI-PMH 2.0: how libraries and portals harvest, and learn what is no longer there.

``requests`` understands what is asked, ``items`` finds the records, ``metadata`` tells what
they say, ``tokens`` lets a list go on, ``answers`` is the address itself.
Source: https://www.openarchives.org/OAI/openarchivesprotocol.html (cited by section)
"""

from catalogue.export.oai import answers as answers
