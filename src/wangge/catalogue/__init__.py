"""Answers for work items (网格事项): what they say, their versions, their admission and what they cost a grid worker.

Also for the suggestion of items to a free text, and for work that was refused because no item admits it.
Leaves the cases that use an item, their deadlines in the calendar and their routing to `cases`.
"""
