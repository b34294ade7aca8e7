"""How often a JPEG makes its decoder go over the whole picture, counted without decoding it."""

import re

MAX_SCANS = 100
_MAX_STEPS = 10_000  # markers and gaps between them; an honest photo has some hundreds with all its profiles

# What ends a scan's data: any marker but a stuffed zero, a restart (ISO/IEC 10918-1, B.1.1) or a filling byte.
_SCAN_END = re.compile(rb"\xff(?![\x00\xd0-\xd7\xff])")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}


def scan_count(jpeg: bytes) -> int:
    """Scans of the first image in `jpeg`, counted to one more than MAX_SCANS at most, which also stands for markers without end.

    Honest progressive photos have about ten. A scan may be 75 bytes long and cost the decoder a pass over all
    pixels, so that 20 MiB of them would keep a worker busy for hours.
    """
    at, scans = 2, 0
    for _ in range(_MAX_STEPS):
        if at + 4 > len(jpeg) or scans > MAX_SCANS:
            return scans
        if jpeg[at] != 0xFF or jpeg[at + 1] in (0, 0xFF):
            # Decoders look for the next marker past stray bytes; so does the count.
            following = _SCAN_END.search(jpeg, at + (jpeg[at] == 0xFF))
            if following is None:
                return scans
            at = following.start()
            continue
        marker = jpeg[at + 1]
        if marker == _END_OF_IMAGE:
            return scans
        at += 2
        if marker not in _WITHOUT_LENGTH:
            at += int.from_bytes(jpeg[at : at + 2])
        scans += marker == _START_OF_SCAN
    return MAX_SCANS + 1
