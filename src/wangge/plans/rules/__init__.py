"""Decisions about plans on plain arrays: what there is to divide, figures, outlines, numbers, what would move."""
