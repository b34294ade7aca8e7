"""Photos as an identifier takes them: decoded only when they are not too large, and made small."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from wangge.campaigns.rules.plants import BadPhoto

MOST_MEGAPIXELS = 50
_PIXELS = MOST_MEGAPIXELS * 1_000_000


def opened(picture: bytes, *, about: int) -> Image.Image:
    """The picture in RGB, upright, its sides at least `about` where it has so many; BadPhoto."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP"))
            if image.width * image.height > _PIXELS:
                raise BadPhoto(field="photo", most_megapixels=MOST_MEGAPIXELS)
            image.draft(
                "RGB", (about, about)
            )  # a JPEG is decoded at an eighth, a quarter or a half where that is enough
            return ImageOps.exif_transpose(image).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise BadPhoto(field="photo", most_megapixels=MOST_MEGAPIXELS) from error


def small_jpeg(picture: bytes, most: int) -> bytes:
    """The picture with no side longer than `most`, as a JPEG that says nothing of where and when it was taken."""
    image = opened(picture, about=most)
    image.thumbnail((most, most))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
