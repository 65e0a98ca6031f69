"""What a European portal would report if it harvested now.

``assess`` looks at one record as it is exported; ``reports`` adds the records of a catalogue or
organisation up, in the background; ``measures`` is the score of data.europa.eu as a table.
"""
