"""Decisions of campaigns on plain values: forms, who is asked, what an answer counts as, plants."""
