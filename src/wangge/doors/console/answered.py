"""What was answered at a door, to be read: a line a question, and the photos and recordings that belong to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wangge.blobs.queries import seen_among
from wangge.campaigns.actions.exports import Exported
from wangge.doors.console.drawn import cell_of, columns_of
from wangge.staff.queries import names_of


@dataclass(frozen=True, slots=True)
class File:
    """A photo or a recording by its number in the answer; without a kind while its bytes are still on the phone."""

    number: int
    digest: str
    kind: str


@dataclass(frozen=True, slots=True)
class Answered:
    given: Exported
    by: str
    lines: list[tuple[str, str]]
    files: list[File]


def answered(found: Iterable[Exported], language: str) -> list[Answered]:
    """Questions that nobody answered are left out. In the text a file stands by its number, within a repeat, too."""
    given = list(found)
    come = seen_among({photo.digest for each in given for photo in each.answer.photos.all()})
    kinds = {digest: blob.kind for digest, blob in come.items()}
    people = names_of({each.answer.by_id for each in given})
    return [_one(each, kinds, people, language) for each in given]


def _one(given: Exported, kinds: Mapping[str, str], people: Mapping[int, str], language: str) -> Answered:
    photos = sorted(given.answer.photos.all(), key=lambda photo: photo.id)
    digests = dict.fromkeys(photo.digest for photo in photos)
    files = [File(number, digest, kinds.get(digest, "")) for number, digest in enumerate(digests, start=1)]
    lines = []
    for path, label in columns_of(given.outline, language):
        text = cell_of(given.answers, path, given.outline, language)
        for file in files:
            text = text.replace(file.digest, f"[{file.number}]")
        if text:
            lines.append((label, text))
    return Answered(given, people.get(given.answer.by_id, ""), lines, files)
