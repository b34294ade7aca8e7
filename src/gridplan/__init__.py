"""Divides a place into grids. A library of its own: arrays in, arrays out; it knows no database and no web.

`partition` is the bare core. An **atom** is what is never cut (a building, or a compound that stays together); a **grid** is
a set of atoms that hang together and whose households lie within bounds.
"""

from gridplan._partition import BadTown, partition

__all__ = ["BadTown", "partition"]
