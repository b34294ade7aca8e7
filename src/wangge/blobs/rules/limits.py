"""What is accepted: kinds of attachment, their largest sizes in bytes and the most pixels a photo may have."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

KindName = Literal["photo", "voice", "document"]

MIB = 1024 * 1024
LIMITS: Mapping[KindName, int] = MappingProxyType(
    {"photo": 20 * MIB, "voice": 10 * MIB, "document": 20 * MIB}
)
MAX_BYTES = max(LIMITS.values())
MAX_PIXELS = 50_000_000
# WebP's decoder holds four pictures at once, 16 bytes a pixel; JPEG's and PNG's hold one or two.
MAX_WEBP_PIXELS = 16_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What the bytes are, from the bytes: `extension` is without a dot, the one to store and offer them under."""

    kind: KindName
    media_type: str
    extension: str


#: How a downloaded file is called: what is served has one of these types.
EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "application/pdf": "pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "audio/aac": "aac",
        "audio/amr": "amr",
        "audio/mp4": "m4a",
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/wav": "wav",
        "audio/webm": "webm",
        "image/jpeg": "jpg",
        "image/png": "png",
    }
)
