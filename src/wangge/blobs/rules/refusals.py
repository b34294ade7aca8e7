"""Why bytes are not taken: one problem per fact, each with a stable code, a status and a sentence."""

from wangge.base.problems import NotFound, Problem, _


class BadBlob(Problem, ValueError):  # noqa: N818 - a problem is a fact, named as one
    """Bytes that are not stored. `code` says why in one word, `message` in a sentence."""

    code = "bad-blob"
    status = 422

    @property
    def message(self) -> str:
        """The untranslated sentence with its facts filled in."""
        return self.say()


class UnknownType(BadBlob):
    """`seems` says what the bytes look like: a sentence's part, or a media type."""

    code = "unknown-type"
    status = 415
    sentence = _(
        "This file cannot be attached: it seems to be {seems}. Attach a photo (JPEG, PNG, WebP), "
        "a voice recording (AMR, MP3, M4A, AAC, OGG, WebM, WAV) or a document (PDF, DOCX, XLSX)."
    )


class TooLarge(BadBlob):
    code = "too-large"
    status = 413
    sentence = _("This file is larger than the {limit_mib} MiB allowed.")


class Empty(BadBlob):
    code = "empty"
    sentence = _("This file is empty.")


class Damaged(BadBlob):
    code = "damaged"
    sentence = _("This file is damaged or was cut off. Please send it again.")


class DecompressionBomb(BadBlob):
    """Small as sent, huge once opened: more pixels or more unpacked bytes than any honest attachment has."""

    code = "decompression-bomb"
    sentence = _("This file would become too large when opened.")


class BadRange(Problem, ValueError):  # noqa: N818 - a problem is a fact, named as one
    """A `Content-Range` that is not `bytes FIRST-LAST/TOTAL` with FIRST ≤ LAST < TOTAL."""

    code = "bad-range"
    status = 400
    sentence = _("Content-Range must read “bytes FIRST-LAST/TOTAL”, and the part must lie within the total.")


class UploadGap(Problem, ValueError):  # noqa: N818 - a problem is a fact, named as one
    """A part that begins after the bytes received; `expected` is the offset to go on from."""

    code = "upload-gap"
    status = 409
    sentence = _("Bytes are missing before this part. Go on from byte {expected}.")


class WrongHash(BadBlob):
    """What came has another SHA-256 than the one it was sent under; nothing of it is kept."""

    code = "wrong-hash"
    sentence = _(
        "What arrived is not what was announced: its SHA-256 differs. Please send it again from the start."
    )


class TooManyUploads(Problem):
    """An account has begun more uploads than it may leave unfinished."""

    code = "too-many-uploads"
    status = 429
    sentence = _("Too many uploads are unfinished. Finish one of them first, or wait a day.")


class UploadsBusy(Problem):
    """A process receives only so many uploads at once, so that slow ones leave it free for all else."""

    code = "uploads-busy"
    status = 429
    sentence = _("Many uploads are under way. Please try again in {seconds} seconds.")


class LengthRequired(Problem):
    code = "length-required"
    status = 411
    sentence = _("Say the length of the file (Content-Length) instead of sending it in chunks.")


class NoThumbnail(NotFound):
    code = "no-thumbnail"
    sentence = _("Only photos have a thumbnail.")
