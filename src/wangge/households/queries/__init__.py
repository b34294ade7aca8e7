"""What stands in an area, who lives there, and what a phone keeps of it."""

from wangge.households.queries.compounds import (
    CompoundPage,
    compound_by_code,
    compounds,
    compounds_named,
    compounds_of,
)

__all__ = ["CompoundPage", "compound_by_code", "compounds", "compounds_named", "compounds_of"]
