"""Attachments: what bytes are taken for, what is left of a photo, how an upload goes on. All bytes are made up here."""

import io
import random
import struct
import wave
import zipfile
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageStat, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from wangge.blobs import rules
from wangge.blobs.rules import BadBlob, BadRange, Range, UploadGap, photos
from wangge.blobs.rules.positions import position_from

MIB = 1024 * 1024
RED, BLUE = (220, 20, 20), (20, 20, 220)
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = ("word/document.xml", f"{OFFICE}wordprocessingml.document.main+xml")
XLSX = ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet.main+xml")
MOMENT = {0x9003: "2026:07:04 08:30:15"}
# Made up: 31°14'9.60" N, 121°29'30.12" E.
GPS = {1: "N", 2: (31.0, 14.0, 9.6), 3: "E", 4: (121.0, 29.0, 30.12)}


def picture(size=(400, 200), mode="RGB"):
    """Left half red, right half blue."""
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def saved(image, form="JPEG", **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def exif(*, orientation=None, gps=None, moment=None):
    made = Image.Exif()
    if orientation is not None:
        made[ExifTags.Base.Orientation] = orientation
    made[ExifTags.Base.Make] = "MadeUpPhone"
    made.get_ifd(ExifTags.IFD.GPSInfo).update(gps or {})
    made.get_ifd(ExifTags.IFD.Exif).update(moment or {})
    return made.tobytes()


def opened(content):
    return Image.open(io.BytesIO(content))


def is_near(pixel, colour):
    return all(abs(a - b) < 30 for a, b in zip(pixel, colour, strict=True))


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb_png(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", pixels)
        + png_chunk(b"IEND", b"")
    )


def office(part, content_type, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{content_type}"/></Types>')
        archive.writestr(part, "<made-up/>")
        for name, data in more.items():
            archive.writestr(name, data)
    return out.getvalue()


def wav(seconds=1):
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000 * seconds))
    return out.getvalue()


def box(name, data):
    return struct.pack(">I", 8 + len(data)) + name + data


def mp4(*handlers, brand=b"M4A ", moov_last=False):
    moov = box(b"moov", b"".join(box(b"hdlr", bytes(8) + handler + bytes(13)) for handler in handlers))
    mdat = box(b"mdat", bytes(100_000))
    return box(b"ftyp", brand + bytes(4)) + (mdat + moov if moov_last else moov + mdat)


def webm(*codecs):
    tracks = b"".join(b"\x86" + bytes([0x80 | len(codec)]) + codec for codec in codecs)
    return (
        b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm" + tracks + b"\x1f\x43\xb6\x75" + bytes(50) + b"\x86\x85V_VP8"
    )


def seekable(recording):
    """As browsers write it now: a table of contents before the tracks names where clusters begin."""
    told = b"\x4d\xbb\x8b\x53\xab\x84\x1f\x43\xb6\x75\x53\xac\x81\xd7"
    head = recording.index(b"webm") + 4
    return recording[:head] + told + recording[head:]


def ogg(start):
    return b"OggS\0\x02" + bytes(20) + b"\x01" + bytes([len(start)]) + start


MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
MP3_24K_FRAME = b"\xff\xf3\x44\xc0" + bytes(92)
AAC_FRAME = b"\xff\xf1\x50\x80\x04\x1f\xfc" + bytes(25)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

ACCEPTED = {
    "jpeg": (saved(picture()), "photo", "image/jpeg", "jpg"),
    "png": (saved(picture(), "PNG"), "photo", "image/png", "png"),
    "webp": (saved(picture(), "WEBP"), "photo", "image/webp", "webp"),
    "amr": (b"#!AMR\n" + (b"\x3c" + bytes(31)) * 5, "voice", "audio/amr", "amr"),
    "amr-wb": (b"#!AMR-WB\n" + (b"\x44" + bytes(60)) * 5, "voice", "audio/amr", "amr"),
    "mp3": (MP3_FRAME * 3, "voice", "audio/mpeg", "mp3"),
    "mp3 at 24 kHz": (MP3_24K_FRAME * 3, "voice", "audio/mpeg", "mp3"),
    "mp3 with a tag": (b"ID3\4\0\0\0\0\1\0" + bytes(128) + MP3_FRAME * 3, "voice", "audio/mpeg", "mp3"),
    "aac": (AAC_FRAME * 3, "voice", "audio/aac", "aac"),
    "m4a": (mp4(b"soun"), "voice", "audio/mp4", "m4a"),
    "m4a, table last": (mp4(b"soun", brand=b"isom", moov_last=True), "voice", "audio/mp4", "m4a"),
    "opus": (ogg(b"OpusHead"), "voice", "audio/ogg", "ogg"),
    "vorbis": (ogg(b"\x01vorbis"), "voice", "audio/ogg", "ogg"),
    "webm": (webm(b"A_OPUS"), "voice", "audio/webm", "webm"),
    "webm with a table of contents": (seekable(webm(b"A_OPUS")), "voice", "audio/webm", "webm"),
    "wav": (wav(), "voice", "audio/wav", "wav"),
    "pdf": (PDF, "document", "application/pdf", "pdf"),
    "docx": (office(*DOCX), "document", f"{OFFICE}wordprocessingml.document", "docx"),
    "xlsx": (office(*XLSX), "document", f"{OFFICE}spreadsheetml.sheet", "xlsx"),
}

REFUSED = {
    "a shell script": (b"#!/bin/sh\nrm -rf /\n", "a web page or a script"),
    "a script that starts like AMR": (b"#!AMR\nrm -rf /\n", "a web page or a script"),
    "AMR with bits set that must be clear": (b"#!AMR\n" + (b"\x3d" + bytes(31)) * 5, ""),
    "HTML": (b"\xef\xbb\xbf<!doctype html><script>alert(1)</script>", "a web page or a script"),
    "HTML after GIF89a": (b"GIF89a<html><script>alert(1)</script>", "a web page or a script"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "a web page or a script"),
    "PHP after ID3": (b"ID3\4\0\0\0\0\0\0<?php system($_GET[0]);", "a web page or a script"),
    "a Windows program": (b"MZ" + bytes(200), "a program"),
    "a Linux program": (b"\x7fELF" + bytes(200), "a program"),
    "a plain archive": (office("evil.js", "text/plain"), "an archive or a document with macros"),
    "a document with macros": (
        office(*DOCX, **{"word/vbaProject.bin": b"x"}),
        "an archive or a document with macros",
    ),
    "an archive that climbs out": (
        office(*DOCX, **{"../../x": b"x"}),
        "an archive or a document with macros",
    ),
    "HEIC": (box(b"ftyp", b"heic\0\0\0\0mif1heic") + bytes(99), "HEIC"),
    "AVIF": (saved(picture(), "AVIF"), "HEIC or AVIF"),
    "GIF": (saved(picture(), "GIF"), "image/gif"),
    "BMP": (saved(picture(), "BMP"), "bmp"),
    "a film in MP4": (mp4(b"vide", b"soun", brand=b"isom"), "video/mp4"),
    "a film in WebM": (webm(b"V_VP8", b"A_OPUS"), "video/webm"),
    "a film in WebM with a table of contents": (seekable(webm(b"V_VP8", b"A_OPUS")), "video/webm"),
    "Matroska without tracks": (webm(), "video/webm"),
    "a single MP3 frame's magic": (b"\xff\xfb\x90\x00 and then words", "audio/mpeg"),
    "plain text": (b"hello, made up\n" * 20, "of an unknown kind"),
    "a PDF further in": (b"junk\n" + PDF, "of an unknown kind"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_bytes_are_known_by_their_content(case):
    content, *expected = ACCEPTED[case]
    for name in ("", "script.html"):
        kind = rules.sniff(content, name=name)
        assert [kind.kind, kind.media_type, kind.extension] == expected


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_on_the_list_is_refused_and_named(case):
    content, seems = REFUSED[case]
    with pytest.raises(BadBlob) as refusal:
        rules.sniff(content, name="photo.jpg")
    assert refusal.value.code == "unknown-type"
    assert refusal.value.status == 415
    assert seems in refusal.value.message


def test_every_refusal_says_what_would_be_accepted_and_translates_what_it_saw():
    with pytest.raises(BadBlob) as refusal:
        rules.sniff(b"MZ" + bytes(100))
    assert "JPEG" in refusal.value.message
    assert "PROGRAM" in refusal.value.say(lambda text: text.replace("a program", "PROGRAM"))
    assert isinstance(refusal.value, ValueError)


def test_nothing_is_refused_as_empty():
    with pytest.raises(BadBlob) as refusal:
        rules.sniff(b"")
    assert refusal.value.code == "empty"


@pytest.mark.parametrize(
    ("content", "limit"),
    [
        (b"\xff\xd8\xff" + random.Random(8).randbytes(60 * MIB), 20),
        (b"\xff\xd8\xff" + bytes(20 * MIB), 20),
        (bytes(21 * MIB), 20),
        (wav(seconds=660), 10),
    ],
    ids=["a 60 MB photo", "a photo three bytes over", "zeros", "eleven minutes of WAV"],
)
def test_more_than_the_kind_may_have_is_refused(content, limit):
    with pytest.raises(BadBlob) as refusal:
        rules.sniff(content)
    assert refusal.value.code == "too-large"
    assert refusal.value.status == 413
    assert f"{limit} MiB" in refusal.value.message


def test_a_photo_of_exactly_the_limit_is_taken():
    assert rules.sniff(b"\xff\xd8\xff" + bytes(20 * MIB - 3)).kind == "photo"


def test_a_file_keeps_its_place_and_a_path_is_read(tmp_path):
    file = io.BytesIO(PDF)
    file.seek(7)
    assert rules.sniff(file).extension == "pdf"
    assert file.tell() == 7
    path = tmp_path / "sound.jpg"
    path.write_bytes(wav())
    assert rules.sniff(path).extension == "wav"


@pytest.mark.parametrize(
    "content",
    [
        PDF[:-8],
        office(*DOCX)[:-30],
        office(*DOCX) + b"<script>",
        office(*DOCX)[:-2] + b"\1\0",
        b"PK\x03\x04" + bytes(3),
    ],
    ids=[
        "a PDF without its end",
        "a DOCX without its end",
        "a DOCX with more behind it",
        "a DOCX that announces a comment",
        "an archive's first bytes",
    ],
)
def test_a_cut_off_document_is_damaged(content):
    with pytest.raises(BadBlob) as refusal:
        rules.sniff(content)
    assert refusal.value.code == "damaged"


def test_a_document_that_unpacks_to_hundreds_of_megabytes_is_refused():
    content = office(*DOCX, **{"word/media/a.bin": bytes(201 * MIB)})
    assert len(content) < MIB
    with pytest.raises(BadBlob) as refusal:
        rules.sniff(content)
    assert refusal.value.code == "decompression-bomb"


def test_an_archive_of_countless_entries_is_refused_before_they_are_read():
    content = office(*XLSX, **{f"xl/{number:040}": b"" for number in range(25_000)})
    with pytest.raises(BadBlob) as refusal:
        rules.sniff(content)
    assert refusal.value.code == "decompression-bomb"


STARTS = sorted(
    {content[:12] for content, *_ in ACCEPTED.values()} | {b"", b"ID3\4\0\0\0\0\0\4", b"MZ", b"<"}
)


@given(st.sampled_from(STARTS), st.binary(max_size=600))
def test_no_bytes_make_sniff_fail_otherwise_than_with_a_refusal(start, rest):
    try:
        kind = rules.sniff(start + rest)
    except BadBlob as refusal:
        outcome = refusal.code
    else:
        outcome = kind.kind
    assert outcome in {*rules.LIMITS, "unknown-type", "too-large", "empty", "damaged", "decompression-bomb"}


@given(st.sampled_from(sorted(ACCEPTED)), st.data())
def test_spoilt_bytes_of_every_kind_are_accepted_or_refused_never_a_crash(case, data):
    content = bytearray(ACCEPTED[case][0])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[at] = data.draw(st.integers(0, 255))
    spoilt = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        if rules.sniff(spoilt).kind == "photo":
            rules.clean_photo(spoilt)
    except BadBlob:
        pass


def test_a_photo_is_turned_upright():
    cleaned = rules.clean_photo(saved(picture((400, 200)), exif=exif(orientation=6)))
    assert (cleaned.width, cleaned.height) == (200, 400)
    image = opened(cleaned.clean)
    assert image.size == (200, 400)
    assert is_near(image.getpixel((100, 50)), RED)
    assert is_near(image.getpixel((100, 350)), BLUE)
    assert opened(cleaned.thumbnail).size == (160, 320)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_the_way_it_was_seen(orientation):
    corner = Image.new("RGB", (80, 40), BLUE)
    corner.paste(RED, (0, 0, 40, 20))
    to_stored = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = corner if to_stored is None else corner.transpose(Image.Transpose(to_stored))
    image = opened(rules.clean_photo(saved(stored, exif=exif(orientation=orientation))).clean)
    assert image.size == (80, 40)
    assert is_near(image.getpixel((10, 10)), RED)
    assert all(is_near(image.getpixel(at), BLUE) for at in ((70, 10), (10, 30), (70, 30)))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_position_and_time_are_kept_apart_from_what_others_see(form):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif(gps=GPS, moment=MOMENT), "icc_profile": profile}
    if form == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", "SECRET address")
    else:
        options["xmp"] = b"<x:xmpmeta>SECRET address</x:xmpmeta>"
    if form == "JPEG":
        options["comment"] = b"SECRET address"
    content = saved(picture(mode="RGBA" if form == "PNG" else "RGB"), form, **options)
    cleaned = rules.clean_photo(content)
    assert cleaned.position == pytest.approx(
        (121 + 29 / 60 + 30.12 / 3600, 31 + 14 / 60 + 9.6 / 3600), abs=1e-9
    )
    assert cleaned.taken_at == datetime(2026, 7, 4, 0, 30, 15, tzinfo=UTC)
    for seen in (cleaned.clean, cleaned.thumbnail):
        image = opened(seen)
        image.load()
        assert not dict(image.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment", "Comment"} & set(image.info)
        assert not any(trace in seen for trace in (b"SECRET", b"Exif", b"MadeUpPhone", b"ICC_PROFILE"))


def test_metadata_does_not_pass_through_a_png_that_stays_png():
    clear = picture(mode="RGBA")
    clear.putalpha(100)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SECRET address")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(clear, "PNG", pnginfo=text, icc_profile=profile, exif=exif(gps=GPS))
    cleaned = rules.clean_photo(content)
    assert cleaned.media_type == "image/png"
    assert cleaned.position is not None
    chunks = {
        name for name in (b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"iCCP", b"SECRET") if name in cleaned.clean
    }
    assert not chunks
    assert opened(cleaned.clean).getpixel((10, 10))[3] == 100
    assert opened(cleaned.thumbnail).format == "JPEG"


@pytest.mark.parametrize(
    ("gps", "position"),
    [
        ({1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0, 45.0, 0.0)}, (-70.75, -33.5)),
        ({1: "N", 2: (90.0, 0.0, 0.0), 3: "E", 4: (180.0, 0.0, 0.0)}, (180.0, 90.0)),
        ({1: "N", 2: (90.0, 0.0, 1.0), 3: "E", 4: (10.0, 0.0, 0.0)}, None),
        ({1: "N", 2: (30.0, 61.0, 0.0), 3: "E", 4: (10.0, 0.0, 0.0)}, None),
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, None),
        ({2: (30.0, 0.0, 0.0), 4: (120.0, 0.0, 0.0)}, None),
        ({1: "X", 2: (30.0, 0.0, 0.0), 3: "E", 4: (120.0, 0.0, 0.0)}, None),
        ({1: "N", 2: (30.0, 0.0, 0.0)}, None),
    ],
)
def test_a_position_is_exact_or_none(gps, position):
    content = saved(picture(), exif=exif(gps=gps))
    assert rules.clean_photo(content).position == position


@pytest.mark.parametrize(
    "lat",
    [
        None,
        "30",
        30.0,
        (),
        ("30",),
        (float("nan"),),
        (float("inf"),),
        (-1,),
        (IFDRational(0, 0),),
        (1, 2, 3, 4),
    ],
)
def test_a_latitude_of_nonsense_is_no_position(lat):
    gps = {1: "N", 3: b"E\0", 4: (IFDRational(60, 1), IFDRational(30, 1))}
    assert position_from({**gps, 2: (30,)}) == (60.5, 30.0)
    assert position_from({**gps, 2: lat}) is None


def test_a_zero_denominator_is_no_position():
    content = saved(picture(), exif=exif(gps={1: "N", 2: (31.0, 14.0, 7.0), 3: "E", 4: (121.0, 29.0, 30.0)}))
    seconds = struct.pack(">II", 7, 1)
    marker = seconds if seconds in content else struct.pack("<II", 7, 1)
    assert content.count(marker) == 1
    assert rules.clean_photo(content).position is not None
    assert rules.clean_photo(content.replace(marker, marker[:4] + bytes(4))).position is None


@pytest.mark.parametrize(
    ("moment", "taken_at"),
    [
        ({**MOMENT, 0x9011: "-05:30"}, datetime(2026, 7, 4, 14, 0, 15, tzinfo=UTC)),
        ({**MOMENT, 0x9011: "+99:00"}, None),
        ({0x9003: "0000:00:00 00:00:00"}, None),
        ({0x9003: "1900:01:01 00:00:00"}, None),
        ({0x9003: "2026:02:30 00:00:00"}, None),
        ({0x9003: "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_moment_is_in_utc_or_none(moment, taken_at):
    assert rules.clean_photo(saved(picture(), exif=exif(moment=moment))).taken_at == taken_at


def test_broken_exif_costs_the_position_but_not_the_photo():
    content = saved(picture(), exif=exif(gps=GPS, orientation=6))
    at = content.index(b"Exif\0\0") + 6
    cleaned = rules.clean_photo(content[:at] + b"\xff" * 40 + content[at + 40 :])
    assert cleaned.position is None
    assert (cleaned.width, cleaned.height) == (400, 200)


def test_a_large_photo_is_scaled_down_and_a_small_one_is_not():
    large = rules.clean_photo(saved(picture((5200, 2600))))
    assert (large.width, large.height) == (2560, 1280) == opened(large.clean).size
    assert opened(large.thumbnail).size == (320, 160)
    small = rules.clean_photo(saved(picture((100, 3))))
    assert (small.width, small.height) == (100, 3) == opened(small.thumbnail).size
    thread = rules.clean_photo(saved(picture((6000, 1))))
    assert (thread.width, thread.height) == (2560, 1)


def noise(quality):
    return saved(Image.effect_noise((400, 300), 60).convert("RGB"), quality=quality, subsampling=2)


@pytest.mark.parametrize(("came", "is_written"), [(60, 75), (75, 75), (76, 85), (95, 85)])
def test_what_came_coarse_is_written_no_finer_than_that(came, is_written):
    steps = opened(saved(picture(), quality=is_written)).quantization
    assert opened(rules.clean_photo(noise(came)).clean).quantization == steps


def test_what_a_phone_sent_hardly_changes_and_hardly_grows():
    content = noise(75)
    cleaned = rules.clean_photo(content)
    assert len(cleaned.clean) < len(content) * 1.02
    apart = ImageStat.Stat(ImageChops.difference(opened(content), opened(cleaned.clean)))
    assert max(apart.rms) < 1.5


def test_tables_that_tell_what_a_photo_was_taken_with_are_not_taken_over():
    own = {0: [37 + place % 7 for place in range(64)], 1: [51 + place % 5 for place in range(64)]}
    content = saved(picture(), qtables=own)
    assert opened(content).quantization[0] != opened(rules.clean_photo(content).clean).quantization[0]
    assert opened(rules.clean_photo(content).clean).quantization == opened(noise(75)).quantization


def test_a_scaled_photo_and_a_turned_one_are_written_fine_and_as_they_came():
    large = rules.clean_photo(saved(picture((5200, 2600)), quality=75))
    turned = rules.clean_photo(saved(picture(), quality=75, exif=exif(orientation=6)))
    fine, coarse = (opened(saved(picture(), quality=quality)).quantization for quality in (85, 75))
    assert opened(large.clean).quantization == fine
    assert opened(turned.clean).quantization == coarse


@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 5_001), (12_000, 9_000)])
def test_a_bomb_is_refused_by_what_its_header_claims(size):
    with pytest.raises(BadBlob) as refusal:
        rules.clean_photo(bomb_png(*size))
    assert refusal.value.code == "decompression-bomb"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_cut_off_photo_is_damaged(form, share):
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    content = saved(noise, form)
    with pytest.raises(BadBlob) as refusal:
        rules.clean_photo(content[: int(len(content) * share)])
    assert refusal.value.code == "damaged"


def test_a_script_behind_a_photos_magic_is_damaged():
    with pytest.raises(BadBlob) as refusal:
        rules.clean_photo(b"\xff\xd8\xff\xe0<?php system($_GET['c']); ?>")
    assert refusal.value.code == "damaged"


def test_a_script_behind_a_whole_photo_does_not_survive():
    script = b"<script>alert('made up')</script><?php phpinfo(); ?>"
    for form in ("JPEG", "PNG", "WEBP"):
        cleaned = rules.clean_photo(saved(picture(), form) + script)
        assert b"<script" not in cleaned.clean + cleaned.thumbnail
        assert b"<?php" not in cleaned.clean + cleaned.thumbnail


def test_a_large_jpeg_is_decoded_at_half_its_size_to_save_memory(monkeypatch):
    decoded = []
    plain = photos._plain
    monkeypatch.setattr(photos, "_plain", lambda image: decoded.append(image.size) or plain(image))
    rules.clean_photo(saved(picture((5200, 2600))))
    rules.clean_photo(saved(picture((5000, 2500))))
    assert decoded == [(2600, 1300), (5000, 2500)]


def test_a_large_webp_is_refused_because_decoding_takes_four_times_its_memory():
    content = saved(Image.new("RGB", (4001, 4000)), "WEBP", lossless=True, quality=0, method=0)
    with pytest.raises(BadBlob) as refusal:
        rules.clean_photo(content)
    assert refusal.value.code == "decompression-bomb"


@pytest.mark.parametrize("stray", [b"", b"\0", b"\xff", b"\xff\xff\xff"])
def test_a_jpeg_of_a_thousand_passes_is_refused_before_it_is_decoded(stray):
    content = saved(picture((64, 64)), progressive=True)
    last = content.rindex(b"\xff\xda")
    scan = stray + content[last:-2]
    assert rules.clean_photo(content[:last] + scan * 20 + content[-2:]).width == 64
    with pytest.raises(BadBlob) as refusal:
        rules.clean_photo(content[:last] + scan * 1000 + content[-2:])
    assert refusal.value.code == "decompression-bomb"


def test_a_jpeg_of_nothing_but_markers_is_refused():
    with pytest.raises(BadBlob) as refusal:
        rules.clean_photo(b"\xff\xd8" + b"\xff\x01" * MIB)
    assert refusal.value.code == "decompression-bomb"


def test_what_stands_behind_a_photos_end_does_not_count_as_passes():
    film = b"\xff\xda\0\2" * 30_000
    assert rules.clean_photo(saved(picture()) + film).width == 400
    assert rules.clean_photo(saved(picture(), comment=film[:60_000])).width == 400


def test_a_photo_with_a_second_picture_inside_gives_its_first():
    out = io.BytesIO()
    picture().save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (50, 50))])
    cleaned = rules.clean_photo(out.getvalue())
    assert (cleaned.width, cleaned.media_type) == (400, "image/jpeg")
    assert b"MPF\0" not in cleaned.clean


def test_a_voice_recording_is_no_photo():
    with pytest.raises(BadBlob) as refusal:
        rules.clean_photo(wav())
    assert refusal.value.code == "unknown-type"


@pytest.mark.parametrize(
    ("image", "form"),
    [
        (picture(mode="L"), "JPEG"),
        (picture(mode="CMYK"), "JPEG"),
        (picture(mode="P"), "PNG"),
        (picture(mode="1"), "PNG"),
        (picture(mode="RGBA"), "PNG"),
        (picture(mode="LA"), "PNG"),
        (picture(mode="RGBA"), "WEBP"),
    ],
)
def test_what_shows_nothing_through_becomes_a_jpeg(image, form):
    cleaned = rules.clean_photo(saved(image, form))
    assert cleaned.media_type == "image/jpeg"
    assert opened(cleaned.clean).format == "JPEG"
    assert opened(cleaned.clean).size == image.size


def test_sixteen_bits_of_grey_keep_their_shade():
    grey = Image.new("I;16", (50, 50), 0x8000)
    assert opened(rules.clean_photo(saved(grey, "PNG")).clean).getpixel((25, 25)) == pytest.approx(128, abs=2)


def test_transparent_webp_lies_on_white():
    clear = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 25, 50))
    cleaned = rules.clean_photo(saved(clear, "WEBP"))
    assert is_near(opened(cleaned.clean).getpixel((45, 25)), (255, 255, 255))


def test_a_palette_with_a_clear_colour_stays_png():
    content = saved(picture(mode="RGB").quantize(4), "PNG", transparency=0)
    assert rules.clean_photo(content).media_type == "image/png"


def test_a_hash_is_sha256_of_the_bytes():
    assert rules.content_hash(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(st.binary(max_size=50))
def test_every_hash_is_recognised_and_nothing_near_it(content):
    name = rules.content_hash(content)
    assert rules.is_hash(name)
    near = (name[:-1], name + "0", name + "\n", "../" + name[3:], name[:-1] + "G", "", "Ａ" * 64, "A" * 64)
    assert not any(rules.is_hash(other) for other in near)


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(0, 1000))
def test_a_proper_content_range_is_read_back(start, length, rest):
    part = rules.parse_content_range(f"bytes {start}-{start + length - 1}/{start + length + rest}")
    assert part == Range(start, start + length - 1, start + length + rest)
    assert part.length == length


@pytest.mark.parametrize(
    "text",
    [
        "", "bytes", "bytes */4096", "bytes 0-1023/*", "bytes=0-1023/4096", "bytes 0-1023", "bytes 5-4/10",
        "bytes 0-10/10", "bytes 0-0/0", "bytes -1-4/10", "bytes 0-4/10 ", " bytes 0-4/10", "bytes 0-4/10\n",
        "bytes  0-4/10", "bytes 00-4/10", "bytes 0-4/+10", "bytes ٠-٤/١٠", "items 0-4/10", "bytes 0-4/1e3",
        "bytes 0-4/10, 5-9/10", "bytes 0-4/" + "9" * 5000, "bytes nan-inf/10", "bytes 0.0-4/10", "ｂytes 0-4/10",
    ],
)  # fmt: skip
def test_a_content_range_of_nonsense_is_refused(text):
    with pytest.raises(BadRange) as refusal:
        rules.parse_content_range(text)
    assert refusal.value.code == "bad-range"


@given(st.one_of(st.text(max_size=60), st.from_regex(r"\Abytes [0-9]{1,25}-[0-9]{1,25}/[0-9]{1,25}\Z")))
def test_any_content_range_is_within_its_total_or_refused(text):
    try:
        part = rules.parse_content_range(text)
    except (BadRange, BadBlob):
        return
    assert 0 <= part.start <= part.end < part.total <= rules.MAX_BYTES


def test_the_unit_of_a_content_range_may_be_written_large():
    assert rules.parse_content_range("Bytes 0-4/10") == Range(0, 4, 10)


def test_a_total_over_every_limit_is_refused_before_the_first_byte_is_kept():
    assert rules.parse_content_range(f"bytes 0-0/{rules.MAX_BYTES}").total == rules.MAX_BYTES
    with pytest.raises(BadBlob) as refusal:
        rules.parse_content_range(f"bytes 0-0/{rules.MAX_BYTES + 1}")
    assert refusal.value.code == "too-large"


def test_a_part_that_leaves_a_gap_is_refused_with_the_offset_expected():
    with pytest.raises(UploadGap) as refusal:
        rules.merge(100, Range(101, 200, 400))
    assert refusal.value.facts == {"expected": 100}
    assert "100" in str(refusal.value)
    assert refusal.value.code == "upload-gap"


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=40))
def test_parts_in_any_order_and_repeated_never_lose_a_byte(parts):
    kept = bytearray()
    whole = bytes(range(100))
    for a, b in parts:
        part = Range(min(a, b), max(a, b), 100)
        if part.start > len(kept):
            with pytest.raises(UploadGap) as refusal:
                rules.merge(len(kept), part)
            assert refusal.value.facts == {"expected": len(kept)}
        else:
            offset = rules.merge(len(kept), part)
            kept[part.start : part.end + 1] = whole[part.start : part.end + 1]
            assert offset == len(kept)
    assert bytes(kept) == whole[: len(kept)]
