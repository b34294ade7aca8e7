"""Accounts, posts, assignments, leave and stand-ins; sign-in; and how well each tier is staffed.

Answers for who holds which post when, and what a signed-in person's seats are. Leaves what waits for them to the nouns.
"""
