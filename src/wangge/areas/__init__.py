"""The tree city → county → township → community → grid: names, codes, boundaries, their history, and which grid a point is in.

Answers for what an area is and was. Leaves who works there to `staff` and how grids are designed to `plans`.
"""
