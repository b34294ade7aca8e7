"""Tables from outside (`reading`) and to outside (`writing`): CSV and spreadsheets."""

EXACT_BELOW = 10**15
"""Spreadsheets keep 15 digits of a number."""
