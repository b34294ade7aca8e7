"""Every read of cases. `moves` tells what the viewer may do next (`moves_for`); pages, counts and search stand beside it."""

from wangge.cases.queries.moves import moves_for, standing_of

__all__ = ["moves_for", "standing_of"]
