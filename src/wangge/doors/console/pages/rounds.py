"""What is due at doors, the round of a day, its sheet for the pocket, and typing in a sheet that was filled by hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Verb, Viewer
from wangge.areas.queries.outlines import area_names
from wangge.base import clock
from wangge.base.answers import keeping
from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command
from wangge.base.problems import Invalid, NotAllowed, Problem
from wangge.base.text import clean_line, clean_text
from wangge.cases.actions import Report
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import day_of, id_in, number_of, today
from wangge.staff import queries as staff
from wangge.visits import actions, queries

#: What stands on the sheet and is typed in: a digit, the outcome, and whether all was well.
MARKS: tuple[tuple[str, str, bool, Any], ...] = (
    ("1", "met", True, gettext_lazy("all well")),
    ("2", "met", False, gettext_lazy("met")),
    ("3", "nobody_home", False, gettext_lazy("nobody home")),
    ("4", "refused", False, gettext_lazy("refused")),
    ("5", "moved", False, gettext_lazy("moved")),
    ("6", "not_found", False, gettext_lazy("not found")),
    ("7", "empty", False, gettext_lazy("empty")),
)
_OF_MARK = {mark: (outcome, well) for mark, outcome, well, _label in MARKS}
_NOON = time(12)
#: Minutes.
_LEAST_LEFT = 60
#: Typed in the field of a reply: they would not answer. No word, number or line is read so.
_DECLINED = "×"
_MONTH = timedelta(days=30)
#: So many lines has a row of the sheet; what is to be asked has one of them.
_LINES = 3
#: So many stand under the sheet's head, so that it stays one page.
_MOST_QUESTIONS = 3
_LONGEST_TITLE = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")


@require_safe
@screen
def visits(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is due in an area, those that end first first; its rounds; and what was done in the last thirty days."""
    path = queries.homes_of(viewer, asked(request, "area", 16))
    day = today()
    doors, count = queries.due_doors(viewer, path, day=day, limit=100)
    rounds = queries.rounds_of(viewer, path, limit=12)
    code = path.rsplit(".", 1)[-1]
    done = (
        queries.figures(viewer, code, since=day - _MONTH, until=day)
        if viewer.may(Verb.FIGURES_READ, path)
        else None
    )
    people = sorted(
        staff.names_of(staff.present_at(code, ["walk"], today=day)).items() if path.count(".") == 4 else (),
        key=lambda person: person[1],
    )
    newest = queries.newest_visits(viewer, path, limit=15)
    facts: dict[str, Any] = {
        "section": "console:visits",
        "here": code,
        "here_name": area_names([code]).get(code, code),
        "areas": [
            area
            for area in lookups.areas_to_choose(viewer)
            if any(area.path == home or area.path.startswith(f"{home}.") for home in viewer.homes)
        ],
        "day": day,
        "doors": doors,
        "count": count,
        "late": sum(door.late(day) for door in doors),
        "rounds": rounds,
        "names": staff.names_of({each.account_id for each in rounds}),
        "people": people,
        "figures": done,
        "rules": queries.rules_in_force(),
        "newest": newest,
        "stops": queries.STOPS,
        "hours": [
            f"{queries.time_of(opens)}–{queries.time_of(closes)}" for opens, closes in queries.working_day()
        ],
    }
    facts["addresses"] = {
        each.id: each.address
        for each in queries.doors(viewer, [visit.household_id for visit in newest]).values()
    }
    facts["replies"] = queries.replies_at(viewer, newest)
    return present(request, "console/visits.html", facts)


@sent_from("console:visits")
@screen
def keep_round(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Keeps the round of a day and leads to its sheet."""
    now, day = clock.now(), day_of(request.POST, "day", today())
    begins = _hour(request, "begins")
    made = actions.keep_round(
        viewer,
        day,
        area=clean_line(request.POST.get("area", ""), limit=16, name="area"),
        account=number_of(request.POST, "account"),
        begins=_from_now(day, now) if begins is None else begins,
        ends=_hour(request, "ends"),
        now=now,
    )
    return HttpResponseRedirect(resolve_url("console:round", made.id))


def _hour(request: HttpRequest, name: str) -> int | None:
    """A time of day that was typed, in minutes after midnight."""
    typed = request.POST.get(name, "").strip()[:8]
    if not typed:
        return None
    moment = _moment(today(), typed)
    if moment is None:
        raise Invalid(field=name, expected="8:30")
    return moment.hour * 60 + moment.minute


def _from_now(day: date, now: datetime) -> int | None:
    """Of a day that has begun only what is left can be walked; where little is, the sheet is made as for a whole one."""
    there, hours = now.astimezone(SHANGHAI), queries.working_day()
    first, last = hours[0][0], hours[-1][1]
    minutes = -(-(there.hour * 60 + there.minute) // 5) * 5
    return minutes if there.date() == day and first < minutes <= last - _LEAST_LEFT else None


@require_safe
@screen
def round_sheet(request: HttpRequest, viewer: Viewer, round_id: UUID) -> HttpResponse:
    """One sheet of A4: twenty doors in walking order, each with why it is there and room for what was found."""
    kept = queries.round_by_id(viewer, round_id)
    asked_there = {
        reason.asks.question: reason for stop in kept.stops for reason in stop.reasons if reason.asks
    }
    listed = {question: number for number, question in enumerate(asked_there, start=1)}
    # Rounds of before have no times.
    times = [queries.time_of(minutes) for minutes in kept.about] or [""] * len(kept.stops)
    facts = {
        **_of_round(kept),
        "rows": [_row(stop, listed, about) for stop, about in zip(kept.stops, times, strict=True)],
        "marks": MARKS,
        "printed_at": clock.now(),
        "questions": list(asked_there.values())[:_MOST_QUESTIONS],
    }
    return present(request, "console/round_sheet.html", facts)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sheet: the numbers of the head's questions that are asked there, the reasons for which there is a line, how many
    `more` there are, and about when the call begins.
    """

    stop: queries.DueDoor
    asks: list[int]
    told: list[queries.Reason]
    more: int
    about: str


def _row(stop: queries.DueDoor, listed: Mapping[UUID, int], about: str) -> Row:
    """`listed` numbers the questions of the round; the head has room for the first of them."""
    asks: list[int] = []
    others: list[queries.Reason] = []
    for reason in stop.reasons:
        number = listed[reason.asks.question] if reason.asks else _MOST_QUESTIONS + 1
        if number <= _MOST_QUESTIONS:
            asks.append(number)
        else:
            others.append(reason)
    told = others[: _LINES - bool(asks)]
    return Row(stop, sorted(asks), told, len(others) - len(told), about)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet as it is typed in; `wrong` says why it was not taken."""

    number: int
    stop: queries.DueDoor
    mark: str = ""
    at: str = ""
    note: str = ""
    #: The work item under which what was heard becomes a case, and its photos that have arrived.
    item: str = ""
    photos: tuple[str, ...] = ()
    #: Errands that were not done.
    left: tuple[str, ...] = ()
    #: What was said to departments' questions, by question; `_DECLINED` where they would not answer.
    replies: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    done: bool = False

    @property
    def errands(self) -> list[queries.Reason]:
        """Those that may be left undone; a campaign's is done by its answer, a department's question by its reply."""
        return [
            reason
            for reason in self.stop.reasons
            if reason.errand and reason.why != "campaign" and reason.asks is None
        ]

    @property
    def questions(self) -> list[tuple[queries.Reason, str]]:
        """What departments ask here, with what was typed for each."""
        return [
            (reason, self.replies.get(str(reason.asks.question), ""))
            for reason in self.stop.reasons
            if reason.asks
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def type_round(request: HttpRequest, viewer: Viewer, round_id: UUID) -> HttpResponse:
    """A sheet that was filled by hand, a row a door: a digit, a time, a word; a work item where the word becomes a case, with its
    photos; an errand that was not done. What is left empty is left alone, what is recorded is shown.
    """
    kept = queries.round_by_id(viewer, round_id)
    if not viewer.may(Verb.VISIT_RECORD, kept.path):
        raise NotAllowed
    if request.method != "POST":
        return _typing(request, viewer, kept, [Line(n, stop) for n, stop in enumerate(kept.stops, start=1)])
    now = clock.now()
    lines, items = _read(request, viewer, kept, now)
    answers = dict(zip(items, actions.record_visits(viewer, list(items.values()), now=now), strict=True))
    shown = [_answered(line, answers.get(line.number)) for line in lines]
    wrong = any(line.wrong for line in shown)
    recorded = len(answers) - sum(bool(answer.problem) for answer in answers.values())
    # What is wrong with one row takes no other back, nor the photos that have arrived.
    return keeping(_typing(request, viewer, kept, shown, done=recorded, wrong=wrong))


def _read(
    request: HttpRequest, viewer: Viewer, kept: queries.Round, now: datetime
) -> tuple[list[Line], dict[int, tuple[Command, actions.Told]]]:
    """The rows as they were typed, and the visits that they tell."""
    lines: list[Line] = []
    items: dict[int, tuple[Command, actions.Told]] = {}
    for number, stop in enumerate(kept.stops, start=1):
        line = _line(request, viewer, number, stop, now)
        mark, note = line.mark, line.note
        moment = _moment(kept.day, line.at)
        if line.wrong or not (mark or note or line.item):
            lines.append(line)
        elif mark not in _OF_MARK:
            lines.append(_with(line, wrong=_("Type a digit from 1 to 7.")))
        elif moment is None:
            lines.append(_with(line, wrong=_("Type the time as 9:30 or 930.")))
        elif line.item and not note:
            lines.append(_with(line, wrong=_("Type what was heard: the case is called so.")))
        else:
            outcome, well = _OF_MARK[mark]
            # One visit a door of a sheet: sent twice it is the same.
            command = Command(uuid5(kept.id or UUID(int=0), str(stop.door.id)), moment)
            # Without a time a case is reported when it is typed in: no hour is made up that its deadline would count from.
            heard = _heard(line, min(moment, now) if line.at else now) if line.item else None
            told_of = actions.Told(
                household=stop.door.id,
                outcome=outcome,
                well=well,
                note=clean_text(note, limit=1000, name="note"),
                heard=heard,
                case=uuid5(command.id, "case") if heard else None,
                left=tuple(UUID(each) for each in line.left),
                replies=_replies(line) if outcome == "met" else (),
                visitor=kept.account_id,
                source="desk",
                round=kept.id,
                time_noted=bool(line.at),
            )
            items[number] = (command, told_of)
            lines.append(line)
    return lines, items


def _line(request: HttpRequest, viewer: Viewer, number: int, stop: queries.DueDoor, now: datetime) -> Line:
    """A row as it was typed. Its photos are stored, so that a row which is sent again needs them no more."""
    typed = request.POST
    mark, at, note, item = (
        typed.get(f"{name}-{number}", "").strip()[:1000] for name in ("mark", "at", "note", "item")
    )
    asked_left = {UUID(each) for each in typed.getlist(f"left-{number}") if id_in(each)}
    left = tuple(reason.id for reason in stop.reasons if reason.errand and UUID(reason.id) in asked_left)
    photos = tuple(each for each in typed.getlist(f"photo-{number}") if _DIGEST.fullmatch(each))
    asked_here = [str(reason.asks.question) for reason in stop.reasons if reason.asks]
    said = {each: typed.get(f"reply-{number}-{each}", "").strip()[:120] for each in asked_here}
    line = Line(number, stop, mark, at, note, item[:20], photos, left, said)
    try:
        new = store_files(viewer, request.FILES.getlist(f"file-{number}"), now=now)
    except Problem as problem:
        return _with(line, wrong=told(problem))
    return _with(line, photos=tuple(dict.fromkeys((*photos, *new))))


def _replies(line: Line) -> tuple[actions.ReplyTold, ...]:
    return tuple(
        actions.ReplyTold(UUID(question), declined=True)
        if said == _DECLINED
        else actions.ReplyTold(UUID(question), said)
        for question, said in line.replies.items()
        if said
    )


def _heard(line: Line, moment: datetime) -> Report:
    door = line.stop.door
    return Report(
        item=line.item,
        title=clean_line(line.note[:200], limit=200, name="note"),
        reported_at=moment,
        description=line.note if len(line.note) > _LONGEST_TITLE else "",
        lon=door.lon,
        lat=door.lat,
        area=door.grid if door.lon is None else "",
        address=door.address[:200],
        attachments=line.photos,
    )


def _answered(line: Line, answer: actions.Recorded | None) -> Line:
    if answer is None:
        return line
    return _with(line, wrong=told(answer.problem)) if answer.problem else _with(line, done=True)


def _with(line: Line, **facts: Any) -> Line:
    kept = {name: getattr(line, name) for name in Line.__dataclass_fields__}
    return Line(**{**kept, **facts})


def _moment(day: date, at: str) -> datetime | None:
    """The moment on the sheet's day; where no time was written, the day's noon, by which the visit is put in order."""
    if not at:
        return datetime.combine(day, _NOON, SHANGHAI)
    digits = at.replace("：", ":").replace(".", ":")
    if ":" not in digits:
        digits = f"{digits[:-2]}:{digits[-2:]}" if len(digits) > 2 else f"{digits}:00"
    hours, _colon, minutes = digits.partition(":")
    if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        return None
    if int(hours) > 23 or int(minutes) > 59:
        return None
    return datetime.combine(day, time(int(hours), int(minutes)), SHANGHAI)


def _typing(
    request: HttpRequest,
    viewer: Viewer,
    kept: queries.Round,
    lines: list[Line],
    *,
    done: int = 0,
    wrong: bool = False,
) -> HttpResponse:
    made = queries.visits_of_round(viewer, kept.id) if kept.id else {}
    shown = [_with(line, done=not line.wrong and line.stop.door.id in made) for line in lines]
    facts = {
        **_of_round(kept),
        "lines": [(line, made.get(line.stop.door.id) if line.done else None) for line in shown],
        "marks": MARKS,
        "done": done,
        "wrong": wrong,
        "items": lookups.items_to_type(),
        "declined": _DECLINED,
        "asks": any(line.questions for line in shown),
    }
    return present(request, "console/round_type.html", facts, status=422 if wrong else 200)


def _of_round(kept: queries.Round) -> Mapping[str, Any]:
    code = kept.path.rsplit(".", 1)[-1]
    who = staff.names_of({kept.account_id} if kept.account_id else ())
    return {
        "section": "console:visits",
        "round": kept,
        "here": code,
        "here_name": area_names([code]).get(code, code),
        "who": who.get(kept.account_id or 0, ""),
        "none": date.max,
    }
