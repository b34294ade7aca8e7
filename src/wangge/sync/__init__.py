"""Phones that work without a signal: what they push, what they pull, what both sides changed, and which phones there are.

Answers for the protocol (docs/workings/sync.md) and leaves to each noun what its commands do and what of it a phone keeps.
"""
