"""Photos of places for made-up cases: a few drawings, each with a word that says so."""

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from wangge.blobs import rules as blobs
from wangge.blobs.queries import Variant, stored_name
from wangge.demo.actions.copying import copy_rows

_SIZE = (640, 480)
_Pen = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Photo:
    """A drawing as it is stored; `digest` is that of the bytes as they were drawn."""

    digest: str
    clean: blobs.CleanPhoto


def draw_photos() -> list[Photo]:
    """The same drawings each time."""
    photos = []
    for draw in (_lamp, _road, _bin, _stairs, _drain, _tree):
        image = Image.new("RGB", _SIZE, (198, 216, 230))
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 300, 640, 480), fill=(150, 152, 148))
        draw(pen)
        pen.text((16, 448), "SAMPLE DRAWING, NO PHOTO", fill=(40, 40, 40), font_size=20)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
        drawn = out.getvalue()
        photos.append(Photo(hashlib.sha256(drawn).hexdigest(), blobs.clean_photo(drawn)))
    return photos


def store_photos(photos: Sequence[Photo]) -> None:
    """The bytes, to where attachments lie; what lies there already is the same."""
    variants: tuple[tuple[Variant, Callable[[Photo], bytes]], ...] = (
        ("clean", lambda photo: photo.clean.clean),
        ("thumbnail", lambda photo: photo.clean.thumbnail),
    )
    for photo in photos:
        for variant, bytes_of in variants:
            name = stored_name(photo.digest, variant)
            default_storage.delete(name)
            default_storage.save(name, ContentFile(bytes_of(photo)))


def write_blobs(cursor: Any, photos: Sequence[Photo], now: datetime) -> None:
    """What the database knows of them."""
    copy_rows(
        cursor,
        "blobs_blob",
        ("digest", "kind", "media_type", "size", "width", "height", "stored_at"),
        (
            (
                each.digest,
                "photo",
                each.clean.media_type,
                len(each.clean.clean),
                each.clean.width,
                each.clean.height,
                now,
            )
            for each in photos
        ),
    )


def write_uploads(cursor: Any, brought: Iterable[tuple[str, int]], now: datetime) -> None:
    """Who brought which: everybody who put it on a case, by digest and account."""
    rows = ((digest, account, now) for digest, account in sorted(set(brought)))
    copy_rows(cursor, "blobs_upload", ("blob_id", "by_id", "at"), rows)


def _lamp(pen: _Pen) -> None:
    pen.rectangle((310, 120, 322, 420), fill=(70, 74, 80))
    pen.rectangle((322, 120, 420, 132), fill=(70, 74, 80))
    pen.ellipse((396, 128, 440, 164), fill=(255, 226, 120))


def _road(pen: _Pen) -> None:
    pen.polygon(((240, 300), (400, 300), (600, 480), (40, 480)), fill=(88, 88, 92))
    pen.rectangle((312, 320, 328, 360), fill=(235, 235, 235))
    pen.rectangle((308, 390, 332, 440), fill=(235, 235, 235))


def _bin(pen: _Pen) -> None:
    pen.rectangle((240, 220, 400, 420), fill=(58, 120, 84))
    pen.rectangle((226, 200, 414, 226), fill=(44, 96, 66))


def _stairs(pen: _Pen) -> None:
    for step in range(6):
        pen.rectangle((120 + step * 60, 400 - step * 40, 640, 440 - step * 40), fill=(180 - step * 8,) * 3)


def _drain(pen: _Pen) -> None:
    pen.ellipse((220, 330, 420, 430), fill=(60, 60, 64))
    for bar in range(5):
        pen.line((250 + bar * 35, 345, 250 + bar * 35, 415), fill=(130, 130, 134), width=8)


def _tree(pen: _Pen) -> None:
    pen.rectangle((305, 250, 335, 420), fill=(110, 80, 54))
    pen.ellipse((210, 90, 430, 290), fill=(74, 130, 72))
