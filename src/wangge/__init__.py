"""Wangge: grid-based community governance, from a resident's word to a closed case."""
