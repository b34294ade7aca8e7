"""The journal of a case in words: who did what, and what it changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from wangge.access import PUBLIC
from wangge.base.calendar import SHANGHAI
from wangge.doors.console import dispute_words, words


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the page shows it; `kind` is the last word of its verb, for the mark beside it."""

    at: datetime
    who: str
    post: str
    verb: str
    kind: str
    facts: list[str]
    reason: str
    #: The files that this step brought, and the note that it wrote.
    files: tuple[Any, ...] = ()
    note: Any = None


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: people by account, areas by code, departments by code, kinds of post by code."""

    people: Mapping[int, str]
    areas: Mapping[str, str]
    departments: Mapping[str, str]
    posts: Mapping[str, str]

    def office(self, key: str) -> str:
        """`<area>/<department>` as "area department"."""
        area, _slash, department = key.partition("/")
        return f"{self.areas.get(area, area)} {self.departments.get(department, department)}".strip()

    def post(self, key: str) -> str:
        """`<kind>@<area>` as "area kind"; nothing for nothing."""
        kind, _at, area = key.partition("@")
        return f"{self.areas.get(area, area)} {self.posts.get(kind, kind)}".strip()


def codes_in(entries: list[Any]) -> set[str]:
    """The area codes that the entries speak of, so that their names are fetched at once."""
    codes: set[str] = set()
    for entry in entries:
        codes.add(entry.post.partition("@")[2])
        codes.add(str(entry.after.get("holder", "")))
        codes.add(str(entry.after.get("holder_path", "")).rsplit(".", 1)[-1])
        codes.update(str(key).partition("/")[0] for key in entry.after.get("department_keys") or ())
        codes.add(str(entry.after.get("office", "")).partition("/")[0])
        codes.update(str(each.get("area", "")) for each in entry.after.get("why") or ())
    return codes - {""}


def _nobody(entry: Any) -> str:
    return _("A resident") if entry.actor_name == PUBLIC.name else _("The system")


def lines(entries: list[Any], names: Names) -> list[Line]:
    """The newest last, as it happened."""
    return [
        Line(
            at=entry.at,
            who=entry.actor_name if entry.actor_id else _nobody(entry),
            post=names.post(entry.post) if entry.actor_id else "",
            verb=entry.verb,
            kind=entry.verb.rsplit(".", 1)[-1],
            facts=[sentence for tell in _TELL for sentence in tell(entry.after, names)],
            reason=words.label(words.REASONS, entry.reason) if entry.actor_id else "",
        )
        for entry in entries
    ]


def story(entries: list[Any], names: Names, *, files: list[Any], notes: list[Any]) -> list[Line]:
    """A case's lines, each with the files that it brought and the note that it wrote.

    That a file was added is told by the line of the step which brought it. A note that this reader may not read is not
    mentioned.
    """
    written = {str(note.id): note for note in notes}
    of_entry = _files_by_entry(entries, files)
    shown = []
    for entry, line in zip(entries, lines(entries, names), strict=True):
        mine = tuple(of_entry.get(entry.id, ()))
        if entry.verb in ("case.noted", "case.answered"):
            note = written.get(str(entry.after.get("note", "")))
            if note is not None:
                shown.append(replace(line, note=note))
        elif mine or entry.verb != "case.attached":
            shown.append(replace(line, files=mine))
    return shown


def _files_by_entry(entries: list[Any], files: list[Any]) -> dict[int, list[Any]]:
    """Which entry shows which file: the step that brought it, else the entry that it was added by."""
    by_blob = {
        str(entry.after.get("blob", "")): n
        for n, entry in enumerate(entries)
        if entry.verb == "case.attached"
    }
    reported = next((entry.id for entry in entries if entry.verb == "case.reported"), None)
    found: dict[int, list[Any]] = {}
    for file in files:
        place = by_blob.get(str(file.blob_id))
        if place is None:
            # A part has the files of the case that it was split from, without an entry for each.
            shown_at = reported if file.step == "report" else None
        else:
            shown_at = _step_of(entries, place)
        if shown_at is not None:
            found.setdefault(shown_at, []).append(file)
    return found


def _step_of(entries: list[Any], place: int) -> int:
    """The entry of the step that a file came with: a report is written before its files, every other step after them."""
    added = entries[place]
    step = str(added.after.get("step", ""))
    near = entries[place - 1 :: -1] if step == "report" and place else entries[place + 1 :]
    for entry in near if step != "note" else ():
        if entry.at != added.at or entry.actor_id != added.actor_id:
            break
        if entry.verb != "case.attached":
            return int(entry.id)
    return int(added.id)


def _holder(after: Mapping[str, Any], names: Names) -> list[str]:
    code = str(after.get("holder") or after.get("holder_path") or "").rsplit(".", 1)[-1]
    return [_("On the desk of {area}").format(area=names.areas.get(code, code))] if code else []


def _why(after: Mapping[str, Any], names: Names) -> list[str]:
    return reasons(after.get("why") or (), names)


def reasons(why: Iterable[Mapping[str, Any]], names: Names) -> list[str]:
    """Why a case goes to a desk, in words."""
    told = []
    for reason in why:
        match reason.get("because"):
            case "rule":
                told.append(
                    _("Routed by rule {rule}: {note}").format(
                        rule=reason.get("rule"), note=reason.get("note") or "—"
                    )
                )
            case "item":
                tier = words.label(words.OFFICES, str(reason.get("tier")))
                told.append(_("Routed by its work item: first to the {tier}").format(tier=tier))
            case "nobody-present":
                area = names.areas.get(str(reason.get("area")), str(reason.get("area")))
                told.append(_("{area} was passed over: nobody is present there").format(area=area))
    return told


def _given(after: Mapping[str, Any], names: Names) -> list[str]:
    told = []
    if after.get("handler_id"):
        told.append(_("Given to {person}").format(person=names.people.get(after["handler_id"], "—")))
    if keys := after.get("department_keys"):
        told.append(_("Given to {offices}").format(offices=_(", ").join(names.office(key) for key in keys)))
    return told


def _ended(after: Mapping[str, Any], _names: Names) -> list[str]:
    told = []
    if after.get("outcome"):
        told.append(
            _("How it ended: {outcome}").format(outcome=words.label(words.OUTCOMES, after["outcome"]))
        )
    if after.get("answer"):
        told.append(_("Answer: {answer}").format(answer=after["answer"]))
    told.extend(
        _("{field}: {value}").format(field=words.label(words.FIELDS, name), value=after[name])
        for name in ("whose", "planned_on", "ground")
        if after.get(name)
    )
    if after.get("witness"):
        told.append(_("Witness: {witness}").format(witness=words.label(words.WITNESSES, after["witness"])))
    return told


def _parted(after: Mapping[str, Any], _names: Names) -> list[str]:
    told = []
    if after.get("split_from"):
        told.append(_("Split off case {number}").format(number=after["split_from"]))
    if after.get("parts"):
        told.append(_("Further cases: {numbers}").format(numbers=_(", ").join(after["parts"])))
    return told


def _mediated(after: Mapping[str, Any], _names: Names) -> list[str]:
    """Of a mediation the journal keeps codes only."""
    told = [
        words.label(dispute_words.TABLES[table], after[name])
        for name, table in (
            ("purpose", "why"),
            ("kept", "kept"),
            ("court", "court"),
            ("form", "forms"),
            ("role", "roles"),
        )
        if after.get(name)
    ]
    if after.get("to"):
        told.append(words.label(dispute_words.REFERRED_TO, after["to"]))
    return told


def _found(after: Mapping[str, Any], _names: Names) -> list[str]:
    mended = after.get("mended", after.get("rating"))
    if mended is None:
        return []
    return [_("It is mended.") if mended else _("It is not mended.")]


def _clock(after: Mapping[str, Any], _names: Names) -> list[str]:
    told = []
    for name, sentence in (("due_at", _("Due by {at}")), ("resume_at", _("Goes on at {at}"))):
        if after.get(name) and (at := parse_datetime(str(after[name]))):
            told.append(sentence.format(at=f"{timezone.localtime(at, SHANGHAI):%Y-%m-%d %H:%M}"))
    return told


def _summoned(after: Mapping[str, Any], names: Names) -> list[str]:
    told = []
    if after.get("within_minutes"):
        called = _(", ").join(names.departments.get(code, code) for code in after.get("departments") or ())
        told.append(
            _("Called: {departments}, within {minutes} minutes").format(
                departments=called, minutes=after["within_minutes"]
            )
        )
    if after.get("office") and "in_time" in after:
        sentence = (
            _("{office} came after {minutes} minutes, in time")
            if after["in_time"]
            else _("{office} came after {minutes} minutes, late")
        )
        told.append(sentence.format(office=names.office(after["office"]), minutes=after.get("minutes")))
    return told


_TELL: tuple[Callable[[Mapping[str, Any], Names], list[str]], ...] = (
    _parted,
    _holder,
    _why,
    _given,
    _summoned,
    _ended,
    _mediated,
    _found,
    _clock,
)
