"""Files that come with a form: stored by their content before the step that names them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from wangge.access import Viewer
from wangge.blobs import actions


def store_files(viewer: Viewer, files: "Sequence[UploadedFile[Any]]", *, now: datetime) -> list[str]:
    """Their digests, in the order given. What is no photo, voice or document, or is too large, is refused by the action."""
    digests = []
    for file in files:
        digest = hashlib.sha256()
        for part in file.chunks():
            digest.update(part)
        file.seek(0)
        actions.store_part(viewer, digest.hexdigest(), file, None, now=now)
        digests.append(digest.hexdigest())
    return digests
