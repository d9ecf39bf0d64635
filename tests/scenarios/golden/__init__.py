"""A year of every shipped reminder plan, told line by line and kept in years/: what a change of the engine does to it is seen in the diff.

`python -m tests.scenarios.golden --write` tells all years anew and writes them down; without `--write` it only says which differ.
"""
