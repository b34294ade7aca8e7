"""Every write of blobs: taking in an upload in one piece or many, and removing what was never finished."""

from wangge.blobs.actions.parts import receiving
from wangge.blobs.actions.store import Progress, store_part
from wangge.blobs.actions.sweep import drop_unfinished_uploads

__all__ = ["Progress", "drop_unfinished_uploads", "receiving", "store_part"]
