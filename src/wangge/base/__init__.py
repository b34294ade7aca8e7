"""What every part stands on: problems, ids, the clock and the calendar, paging, coordinates, texts, tables.

Knows no noun of the product and imports nothing of it; each module can be read alone.
"""
