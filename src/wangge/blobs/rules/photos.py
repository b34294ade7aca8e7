"""A photo written anew: upright, of bounded size, without a trace of where, when and with what it was taken.

Decoding and encoding again is also what makes a photo with a script behind it harmless: only pixels survive.
"""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from PIL import Image

from wangge.blobs.rules.kinds import sniff
from wangge.blobs.rules.limits import MAX_PIXELS, MAX_WEBP_PIXELS
from wangge.blobs.rules.positions import DECODER_ERRORS, PhotoFacts, photo_facts
from wangge.blobs.rules.refusals import BadBlob, Damaged, DecompressionBomb, UnknownType
from wangge.blobs.rules.scans import MAX_SCANS, scan_count

CLEAN_PIXELS = 2560
THUMBNAIL_PIXELS = 320
JPEG_QUALITY = 85
#: A JPEG that came at no finer steps than this (phones send 75) is written at these again: finer ones would add bytes and no detail.
COARSE_QUALITY = 75
#: The sum of the steps that this quality has for brightness.
_COARSE_STEPS = 1858

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """What others may see (`clean`, `thumbnail`, without any metadata) and what is kept apart (`position`, `taken_at`).

    `width` and `height` are the clean copy's, in pixels; `media_type` too. The thumbnail is always a JPEG.
    `position` is WGS 84 longitude, latitude; `taken_at` is in UTC.
    """

    clean: bytes
    media_type: str
    width: int
    height: int
    thumbnail: bytes
    position: tuple[float, float] | None
    taken_at: datetime | None


def clean_photo(content: bytes) -> CleanPhoto:
    """Decodes a JPEG, PNG or WebP and writes it anew, at most 2560 pixels long, with a thumbnail of at most 320.

    PNG stays PNG where something shows through, all else becomes JPEG. Raises what `sniff` raises, UnknownType for
    what is no photo, DecompressionBomb above 50 megapixels (16 for WebP), Damaged for what cannot be decoded to its end.
    """
    kind = sniff(content)
    if kind.kind != "photo":
        raise UnknownType(seems=kind.media_type)
    if kind.extension == "jpg" and scan_count(content) > MAX_SCANS:
        raise DecompressionBomb
    try:
        plain, facts, is_coarse = _upright(content)
        thumbnail = _scaled(plain, THUMBNAIL_PIXELS, near=1.25)
        return CleanPhoto(
            clean=_encoded(plain, is_coarse=is_coarse),
            media_type="image/png" if plain.mode == "RGBA" else "image/jpeg",
            width=plain.width,
            height=plain.height,
            thumbnail=_encoded(_on_white(thumbnail)),
            position=facts.position,
            taken_at=facts.taken_at,
        )
    except BadBlob:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DecompressionBomb from error
    except DECODER_ERRORS as error:
        raise Damaged from error


def _upright(content: bytes) -> tuple[Image.Image, PhotoFacts, bool]:
    """The photo decoded, plain, of bounded size and the right way up, and whether it is written at coarse steps again; what
    was decoded first is freed on return.

    A large JPEG is decoded at a half, quarter or eighth, as long as that is enough for the clean copy.
    """
    image = Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    if image.width * image.height > (MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_PIXELS):
        raise DecompressionBomb
    size = image.size
    image.draft(None, _fitting(image.size, CLEAN_PIXELS))
    image.load()
    facts = photo_facts(image)
    plain = _scaled(_plain(image), CLEAN_PIXELS)
    is_coarse = plain.size == size and _is_coarse(image)
    if facts.orientation in _UPRIGHT:
        plain = plain.transpose(_UPRIGHT[facts.orientation])
    return plain, facts, is_coarse


def _is_coarse(image: Image.Image) -> bool:
    """By the sum of its finest table of steps. The tables themselves are not taken over: they tell what a photo was taken with."""
    steps: dict[int, list[int]] = getattr(image, "quantization", {})
    return bool(steps) and min(map(sum, steps.values())) >= _COARSE_STEPS


def _plain(image: Image.Image) -> Image.Image:
    """The image in grey, colour, or, for a PNG that something shows through, colour with transparency."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        if clear.getchannel("A").getextrema() == (255, 255):
            return clear.convert("RGB")
        return clear if image.format == "PNG" else _on_white(clear)
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _fitting(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size within a square of `longest`, same shape; never larger than it was, never without a pixel."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _scaled(image: Image.Image, longest: int, *, near: float = 2.0) -> Image.Image:
    """`near`: up to how many times the size it is made smaller by plain means, before each pixel is weighed."""
    size = _fitting(image.size, longest)
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=near)


def _encoded(image: Image.Image, *, is_coarse: bool = False) -> bytes:
    """PNG for transparency, else JPEG. `info` is emptied first: comments, profiles and text would be written along."""
    image.info = {}
    out = BytesIO()
    if image.mode == "RGBA":
        image.save(out, "PNG")
    elif is_coarse:  # a second pass would save three bytes of a hundred for as long as the first took
        image.save(out, "JPEG", quality=COARSE_QUALITY)
    else:
        image.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return out.getvalue()
