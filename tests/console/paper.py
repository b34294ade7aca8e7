"""What a PDF of the console says, and where shapes are drawn: as much of the format as its writer uses, of one font."""

import re
import zlib

_STREAM = re.compile(rb"<<\n((?:/[^\n]*\n)*)>>\nstream\n")
_LENGTH = re.compile(rb"/Length (\d+)\n")
_LETTER = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n")
#: In a page there are brackets around nothing else.
_SAID = re.compile(rb"\(((?:[^\\()]|\\.)*)\)", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
#: A shape that is filled, and how far from the left edge its outline begins.
_SHAPE = re.compile(rb"(-?[\d.]+) -?[\d.]+ m [^\n]* B\*")


class Paper:
    def __init__(self, pdf):
        streams = list(_streams(pdf))
        [letters] = [data for data in streams if b"beginbfchar" in data]
        self._letters = {
            int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be")
            for code, letter in _LETTER.findall(letters.partition(b"beginbfchar")[2])
        }
        self._pages = [data for data in streams if b"BT /F1" in data]

    @property
    def text(self):
        """All that is said, without spaces and line breaks: a sentence goes on in the next line."""
        said = (self._read(found) for page in self._pages for found in _SAID.findall(page))
        return re.sub(r"\s", "", "".join(said))

    def shapes(self, page):
        """How far from the left edge, in millimetres, each filled shape of a page begins."""
        return [float(found[1]) for found in _SHAPE.finditer(self._pages[page])]

    def _read(self, escaped):
        told = _ESCAPED.sub(lambda found: b"\r" if found[1] == b"r" else found[1], escaped)
        return "".join(self._letters[told[at] << 8 | told[at + 1]] for at in range(0, len(told), 2))


def _streams(pdf):
    for found in _STREAM.finditer(pdf):
        begin, length = found.end(), int(_LENGTH.search(found[1])[1])
        data = pdf[begin : begin + length]
        yield zlib.decompress(data) if b"/FlateDecode" in found[1] else data
