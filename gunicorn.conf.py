"""How gunicorn serves the catalogue; it reads this where it is started in this folder."""

#: A search may have an address of 8,000 characters; by default only 4,094 are read.
limit_request_line = 8190
