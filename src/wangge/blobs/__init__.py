"""Bytes by their content hash: what they really are, how large, their clean copy and their thumbnail.

Answers for what is stored and for what others get to see of it: a photo's own position and times are kept apart.
Leaves who may see a photo, a voice note or a document to the noun that attaches it.
"""
