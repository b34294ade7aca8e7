"""Proofs that bytes are a sound recording: more than the first bytes, because two bytes of magic prove nothing."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO

from wangge.blobs.rules.limits import MIB, Kind

HEAD_BYTES = 64 * 1024

# Layer III rates in kbit/s for MPEG 1 and for MPEG 2 and 2.5 (ISO/IEC 11172-3 2.4.2.3, 13818-3 2.4.2.3).
_MPEG1_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG1_HZ = (44_100, 48_000, 32_000)
# Speech bytes by frame type, without the header byte; 14 and 15 say "lost" and "nothing" (RFC 4867, 5.3).
_AMR_BYTES = {**dict(enumerate((12, 13, 15, 17, 19, 20, 26, 31, 5))), 15: 0}
_AMR_WB_BYTES = {**dict(enumerate((17, 23, 32, 36, 40, 46, 50, 58, 60, 5))), 14: 0, 15: 0}
_MP4_BRANDS = re.compile(rb"M4[AB] |mp4[12]|iso[m2-9]|dash")
_MP4_HANDLER = re.compile(rb"hdlr\0\0\0\0.{4}(.{4})", re.DOTALL)
_WEBM_CODEC = re.compile(rb"\x86[\x81-\x9f]([A-Z]_[A-Z0-9_/]+)")
# Not where a table of contents only tells where clusters begin (SeekID, 53 AB): it stands before the tracks.
_WEBM_CLUSTER = re.compile(rb"(?<!\x53\xab\x84)\x1f\x43\xb6\x75")
_OGG_SPEECH = (b"OpusHead", b"\x01vorbis", b"Speex   ")


def voice_kind(head: bytes, file: BinaryIO) -> Kind | None:
    """The kind of a recording whose first HEAD_BYTES are `head`, or None when it is not proven to be one."""
    for media_type, extension, proven in _CONTAINERS:
        if proven(head):
            return Kind("voice", media_type, extension)
    if _is_mp4_audio(head, file):
        return Kind("voice", "audio/mp4", "m4a")
    frames = _after_id3(head, file)
    if _frames_follow(frames, _mp3_frame_bytes):
        return Kind("voice", "audio/mpeg", "mp3")
    return Kind("voice", "audio/aac", "aac") if _frames_follow(frames, _aac_frame_bytes) else None


def _is_amr(head: bytes) -> bool:
    """Every frame of the head has a known type and clear padding bits, and at least one is whole."""
    at, sizes = (9, _AMR_WB_BYTES) if head.startswith(b"#!AMR-WB\n") else (6, _AMR_BYTES)
    if not head.startswith((b"#!AMR-WB\n", b"#!AMR\n")):
        return False
    whole = 0
    while at < len(head):
        size = sizes.get(head[at] >> 3 & 15)
        if head[at] & 0x83 or size is None:
            return False
        at += 1 + size
        whole += at <= len(head)
    return whole > 0


def _is_ogg_audio(head: bytes) -> bool:
    """The first page starts a stream of Opus, Vorbis or Speex (RFC 3533, 6; RFC 7845, 5.1)."""
    if len(head) < 28 or not head.startswith(b"OggS\0\2"):
        return False
    return head[27 + head[26] :].startswith(_OGG_SPEECH)


def _is_wave(head: bytes) -> bool:
    if not head.startswith(b"RIFF") or head[8:12] != b"WAVE":
        return False
    at = 12
    while at + 24 <= len(head):
        size = int.from_bytes(head[at + 4 : at + 8], "little")
        if head[at : at + 4] == b"fmt ":
            return size >= 16
        at += 8 + size + size % 2
    return False


def _is_webm_audio(head: bytes) -> bool:
    """WebM whose tracks, all told before the first cluster, are sound only: a browser's recorder also makes video."""
    if not head.startswith(b"\x1a\x45\xdf\xa3") or b"webm" not in head[:64]:
        return False
    codecs = _WEBM_CODEC.findall(_WEBM_CLUSTER.split(head, maxsplit=1)[0])
    return bool(codecs) and all(codec.startswith(b"A_") for codec in codecs)


_CONTAINERS = (
    ("audio/amr", "amr", _is_amr),
    ("audio/ogg", "ogg", _is_ogg_audio),
    ("audio/wav", "wav", _is_wave),
    ("audio/webm", "webm", _is_webm_audio),
)


def _is_mp4_audio(head: bytes, file: BinaryIO) -> bool:
    """An MP4 with a sound track and no picture track (ISO/IEC 14496-12, 8.4.3)."""
    if head[4:8] != b"ftyp" or not _MP4_BRANDS.match(head[8:12]):
        return False
    for name, at, size in islice(_boxes(file), 64):
        if name == b"moov":
            file.seek(at)
            handlers = set(_MP4_HANDLER.findall(file.read(min(size, 2 * MIB))))
            return b"soun" in handlers and b"vide" not in handlers
    return False


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Name, offset and bytes of each outermost MP4 box."""
    end = file.seek(0, 2)
    at = 0
    while at + 8 <= end:
        file.seek(at)
        header = file.read(16)
        size = int.from_bytes(header[:4])
        if size == 1:
            size = int.from_bytes(header[8:16])
        elif size == 0:
            size = end - at
        if size < 8:
            return
        yield header[4:8], at, size
        at += size


def _after_id3(head: bytes, file: BinaryIO) -> bytes:
    """The first bytes after a leading ID3v2 tag and its padding; the head itself when there is none."""
    if not head.startswith(b"ID3") or len(head) < 10 or max(head[6:10]) > 127:
        return head
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    file.seek(10 + size + (10 if head[5] & 0x10 else 0))
    return file.read(HEAD_BYTES).lstrip(b"\0")


def _frames_follow(data: bytes, frame_bytes: Callable[[bytes], int]) -> bool:
    """Three frames stand one after the other, or two when there is no more; `frame_bytes` gives 0 for no frame."""
    at = seen = 0
    while seen < 3 and at < len(data):
        size = frame_bytes(data[at : at + 7])
        if size == 0:
            return False
        at += size
        seen += at <= len(data)
    return seen >= 2


def _mp3_frame_bytes(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate_at, hz_at = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or rate_at in (0, 15) or hz_at == 3:
        return 0
    kbps = (_MPEG1_KBPS if version == 3 else _MPEG2_KBPS)[rate_at - 1]
    hz = _MPEG1_HZ[hz_at] >> {3: 0, 2: 1, 0: 2}[version]
    return (144_000 if version == 3 else 72_000) * kbps // hz + (header[2] >> 1 & 1)


def _aac_frame_bytes(header: bytes) -> int:
    """Bytes of an ADTS frame (ISO/IEC 13818-7, 6.2)."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 > 12:
        return 0
    size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return size if size > 7 else 0
