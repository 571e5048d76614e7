"""A pretrained language model in the compact generator's place.

The rest of the library trains, judges and writes in the ids of a shop's own vocabulary, with slots
for facts. A backbone reads and writes the same briefs and the same masked copy in tokens of its
own; `spelling.py` translates, `guards.py` keeps what it writes within the rules of every text,
`pretrained.py` is the generator, and `loading.py` opens what lies in a folder. Nothing here is
ever downloaded, and nothing here is needed for the compact generator.
"""
