"""Who did what to what, when, from where and why: append-only, chained by hash within each area.

Answers for the entry and its proof; it is also the outbox that jobs read. Leaves to each noun what its entries mean.
"""
