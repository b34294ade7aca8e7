"""Cases: one thing to be handled, from a resident's word to a closed case that somebody witnessed.

Answers for the lifecycle, deadlines, routing, summons, merging and attachments of a case. Leaves what kinds of work there
are to `catalogue`, who holds which post to `staff`, and which grid a point is in to `areas`.
"""
