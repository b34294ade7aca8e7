"""Proofs that bytes are a PDF or an office document (OOXML), without unpacking more than their tables of contents."""

import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO

from wangge.blobs.rules.limits import MIB, Kind
from wangge.blobs.rules.refusals import Damaged, DecompressionBomb

_MAX_UNPACKED = 200 * MIB
_MAX_DIRECTORY = 2 * MIB
_MAX_CONTENTS = MIB
_OFFICE = "application/vnd.openxmlformats-officedocument."
_CONTENTS = "[Content_Types].xml"
_MACROS = re.compile(r"(^|/)vbaproject\.bin$|(^|/)activex/", re.IGNORECASE)
_OOXML: Mapping[str, tuple[str, Kind]] = MappingProxyType(
    {
        "word/document.xml": (
            f"{_OFFICE}wordprocessingml.document.main+xml",
            Kind("document", f"{_OFFICE}wordprocessingml.document", "docx"),
        ),
        "xl/workbook.xml": (
            f"{_OFFICE}spreadsheetml.sheet.main+xml",
            Kind("document", f"{_OFFICE}spreadsheetml.sheet", "xlsx"),
        ),
    }
)
_PDF = re.compile(rb"%PDF-[12]\.[0-9][\r\n \t]")


def document_kind(head: bytes, file: BinaryIO) -> Kind | None:
    """The kind of a document that starts with `head`, or None when it is not proven to be one.

    Raises Damaged for one that was cut off, DecompressionBomb for one that unpacks to more than 200 MiB.
    """
    if _PDF.match(head):
        file.seek(max(0, file.seek(0, 2) - 2048))
        if b"%%EOF" not in file.read(2048):
            raise Damaged
        return Kind("document", "application/pdf", "pdf")
    return _ooxml_kind(file) if head.startswith(b"PK\x03\x04") else None


def _ooxml_kind(file: BinaryIO) -> Kind | None:
    """DOCX or XLSX by the parts inside (ECMA-376 part 2); None for other archives and for those with macros."""
    if _directory_bytes(file) > _MAX_DIRECTORY:
        raise DecompressionBomb
    try:
        with zipfile.ZipFile(file) as archive:
            names = {entry.filename for entry in archive.infolist()}
            if _CONTENTS not in names or any(_MACROS.search(name) or _leaves_archive(name) for name in names):
                return None
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise DecompressionBomb
            with archive.open(_CONTENTS) as part:
                contents = part.read(_MAX_CONTENTS).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error) as error:
        raise Damaged from error
    except (NotImplementedError, RuntimeError):  # a packing office programs do not use, or a password
        return None
    kinds = [
        kind for part_name, (wanted, kind) in _OOXML.items() if part_name in names and wanted in contents
    ]
    return kinds[0] if len(kinds) == 1 and "macroEnabled" not in contents else None


def _leaves_archive(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")


def _directory_bytes(file: BinaryIO) -> int:
    """Bytes of the archive's directory as its end record says, asked before `zipfile` reads it all into memory.

    The end record must be the last thing: Damaged otherwise, so that nothing hides behind an office document.
    """
    file.seek(max(0, file.seek(0, 2) - 98))
    tail = file.read(98)
    if tail[-22:-18] != b"PK\x05\x06" or tail[-2:] != b"\0\0":
        raise Damaged
    size = int.from_bytes(tail[-10:-6], "little")
    if tail[-42:-38] == b"PK\x06\x07":  # ZIP64: its own record, 56 bytes, stands before the locator
        size = max(size if size < 0xFFFF_FFFF else 0, int.from_bytes(tail[-58:-50], "little"))
    return size
