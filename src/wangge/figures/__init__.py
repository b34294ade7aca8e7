"""Figures: what dashboards and reports show of cases, staff and refused work, for an area and a period.

Owns no facts and no tables: each figure is counted from what the lower nouns keep, under the viewer's own row policies.
What each one means is written in docs/workings/figures.md.
"""
