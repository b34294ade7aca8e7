"""How a made-up case goes: which steps follow, by whom and after how long, by the stated distributions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from wangge.access import Verb
from wangge.base.calendar import CHINA, SHANGHAI
from wangge.cases.lifecycle import REOPEN_DAYS
from wangge.demo.actions.lives import Life
from wangge.demo.actions.records import Ended
from wangge.demo.rules import distributions as stated
from wangge.demo.rules import texts
from wangge.demo.rules.world import Actor

#: Who is asked besides the department whose work it is.
PARTNERS = {"safety": "emergency", "management": "city-management", "service": "government-services"}
_INSTEAD = "political-legal"
#: So often a case goes round again at most.
_MOST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Around:
    """What a case knows of others: photos that exist, and an earlier case of the same work nearby, if there is one."""

    photos: tuple[str, ...]
    earlier: Life | None


def live(life: Life, around: Around) -> None:
    """Takes the case as far as time allows: to its end, or to where it stands now."""
    age = life.now - life.filed.received_at
    life.patience = stated.patience(age / timedelta(days=1), life.rng)
    try:
        _begin(life, around)
    except Ended:
        return


def _begin(life: Life, around: Around) -> None:
    life.wait(life.filed.received_at)
    course = stated.pick(stated.COURSES, life.rng)
    if course == "alone" and _may_do_alone(life, around):
        _do_alone(life, around)
        return
    _call_or_watch(life)
    if life.rng.random() < stated.ESCALATED_SHARE:
        _escalate(life)
    if course == "cancelled" and life.state == "reported":
        _cancel(life)
        return
    if course == "merged" and around.earlier and _merged(life, around.earlier):
        return
    _accept(life)
    _COURSES.get(course, _by_desk)(life, around)
    _finish(life, around)


# ---- courses, from accepted to handled


def _by_desk(life: Life, around: Around) -> None:
    at = _after(life, "handle", life.filed.version.handle_minutes)
    _handle(life, at, _desk(life, Verb.CASE_HANDLE), around)


def _by_department(life: Life, around: Around) -> None:
    if not (keys := _offices(life, 1)):
        _by_desk(life, around)
        return
    _dispatch(life, keys)
    _departments_handle(life, around)


def _jointly(life: Life, around: Around) -> None:
    if not (keys := _offices(life, 2)):
        _by_desk(life, around)
        return
    _dispatch(life, keys)
    _departments_handle(life, around)


def _returned(life: Life, around: Around) -> None:
    if not (keys := _offices(life, 2)):
        _by_desk(life, around)
        return
    _dispatch(life, keys[:1])
    at = _after(life, "accept", life.filed.version.accept_minutes)
    by = life.world.handler(keys[0], life.rng)
    life.return_(at, by, life.rng.choice(texts.RETURN_REASONS))
    _dispatch(life, keys[1:], step="accept")
    _departments_handle(life, around)


def _suspended(life: Life, around: Around) -> None:
    if not (keys := _offices(life, 1)):
        _by_desk(life, around)
        return
    _dispatch(life, keys)
    at = _after(life, "accept", life.filed.version.accept_minutes)
    day = at.astimezone(SHANGHAI).date() + timedelta(days=life.rng.randint(*stated.SUSPENDED_DAYS))
    until = datetime(day.year, day.month, day.day, 8, 30, tzinfo=SHANGHAI).astimezone(UTC)
    life.suspend(at, life.world.handler(keys[0], life.rng), until, life.rng.choice(texts.SUSPEND_REASONS))
    life.wait(until + timedelta(minutes=1))
    _departments_handle(life, around)


_COURSES: Mapping[str, Callable[[Life, Around], None]] = {
    "department": _by_department,
    "joint": _jointly,
    "returned": _returned,
    "suspended": _suspended,
}


# ---- what courses are made of


def _do_alone(life: Life, around: Around) -> None:
    """Found on the round, mended at once, photographed: accepted, handled and closed by one person."""
    by, rng = life.filed.reporter, life.rng
    minutes = rng.randint(*stated.ALONE_MINUTES)
    done = life.filed.received_at + timedelta(minutes=minutes)
    life.accept(_pass(life, life.filed.received_at + timedelta(minutes=1)), by)
    _pass(life, done)
    life.attach(done, by, rng.choice(around.photos), "handle")
    life.handle(done, by, "mended", rng.choice(texts.ANSWERS["mended"]), {})
    life.close(_pass(life, done + timedelta(minutes=1)), by, "photo")


def _may_do_alone(life: Life, around: Around) -> bool:
    version, reporter = life.filed.version, life.filed.reporter
    return (
        bool(around.photos)
        and version.first_tier == "grid"
        and version.proof != "witness"
        and not version.confidential
        and reporter.verbs >= {Verb.CASE_ACCEPT, Verb.CASE_HANDLE, Verb.CASE_CLOSE}
        and reporter.path == life.path == life.row["holder_path"]
    )


def _call_or_watch(life: Life) -> None:
    """Some are supervised by a lead, some call a department to the place, before anything else is done."""
    version, rng = life.filed.version, life.rng
    if rng.random() < stated.SUPERVISED_SHARE:
        lead = _desk(life, Verb.CASE_SUPERVISE)
        life.supervise(_soon(life), lead, rng.choice(texts.SUPERVISE_REASONS))
    if version.summons and life.filed.urgency != "normal" and rng.random() < stated.SUMMONED_SHARE:
        key = life.world.office(version.department_id, life.path)
        caller = life.world.somebody(
            life.row["holder_path"], Verb.CASE_SUMMON, rng, confidential=life.confidential
        )
        if key and caller:
            _summon(life, key, caller)


def _summon(life: Life, key: str, caller: Actor) -> None:
    rng, within = life.rng, life.rng.choice((30, 60, 120, 240))
    called = _soon(life)
    life.summon(called, caller, [key], within)
    in_time = rng.random() < stated.SUMMONED_COME_IN_TIME
    minutes = rng.randint(5, within) if in_time else rng.randint(within + 1, within * 3)
    came = _pass(life, called + timedelta(minutes=minutes))
    life.arrive(came, life.world.handler(key, rng), life.summonses[-1])


def _escalate(life: Life) -> None:
    higher = life.world.higher_desk(life.path, life.row["holder_level"], confidential=life.confidential)
    if higher is None or higher.level == "city":
        return
    at = _after(life, "accept", life.filed.version.accept_minutes)
    # While it waited, the clock may have raised it already.
    higher = life.world.higher_desk(life.path, life.row["holder_level"], confidential=life.confidential)
    if higher is not None and higher.level != "city":
        life.escalate(at, _desk(life, Verb.CASE_ESCALATE), higher, life.rng.choice(texts.ESCALATE_REASONS))


def _cancel(life: Life) -> None:
    at = _after(life, "accept", life.filed.version.accept_minutes)
    life.cancel(at, life.filed.reporter, life.rng.choice(texts.CANCEL_REASONS))


def _merged(life: Life, into: Life) -> bool:
    """Merged into the earlier case, unless whoever would do it does not see that one."""
    at = _after(life, "accept", life.filed.version.accept_minutes)
    by = _desk(life, Verb.CASE_MERGE)
    if _may_point_to(into, by):
        life.merge(at, by, into)
    return life.state == "merged"


def _may_point_to(earlier: Life, by: Actor) -> bool:
    """Whether the earlier case is not itself gone into another, and `by` sees it."""
    if earlier.state in ("merged", "cancelled") or earlier.row["merged_into_id"]:
        return False
    if by.department:
        return by.key in earlier.row["department_keys"]
    return f"{earlier.path}.".startswith(f"{by.path}.")


def _accept(life: Life) -> None:
    at = _after(life, "accept", life.filed.version.accept_minutes)
    life.accept(at, _desk(life, Verb.CASE_ACCEPT))


def _dispatch(life: Life, keys: list[str], step: str = "close") -> None:
    at = _after(life, step, life.filed.version.accept_minutes)
    life.dispatch(at, _desk(life, Verb.CASE_DISPATCH), keys)


def _departments_handle(life: Life, around: Around) -> None:
    """Each office that was asked answers, one after the other."""
    while life.open_tasks:
        open_before = len(life.open_tasks)
        share = life.filed.version.handle_minutes // open_before
        at = _after(life, "handle", share)
        _handle(life, at, life.world.handler(life.open_tasks[0]["key"], life.rng), around)


def _handle(life: Life, at: datetime, by: Actor, around: Around) -> None:
    rng = life.rng
    outcome = stated.pick(stated.OUTCOMES[life.filed.version.business], rng)
    more: dict[str, Any] = {}
    if outcome == "repeated":
        if around.earlier and _may_point_to(around.earlier, by):
            more["merged_into_id"] = around.earlier.row["id"]
        else:
            outcome = "nothing"
    elif outcome == "not_ours":
        more["whose"] = rng.choice(texts.WHOSE)
    elif outcome == "refused":
        more["ground"] = rng.choice(texts.GROUNDS)
    elif outcome == "planned":
        more["planned_on"] = at.astimezone(SHANGHAI).date() + timedelta(days=rng.randint(10, 120))
    if (
        _last_to_answer(life, by)
        and life.filed.version.proof == "photo"
        and around.photos
        and rng.random() < 0.6
    ):
        life.attach(at, by, rng.choice(around.photos), "handle")
    life.handle(at, by, outcome, rng.choice(texts.ANSWERS[outcome]), more)


def _last_to_answer(life: Life, by: Actor) -> bool:
    return not by.department or all(task["key"] == by.key for task in life.open_tasks)


def _finish(life: Life, around: Around) -> None:
    """From handled to closed, and what the reporter says to it; what was not mended goes round again."""
    for number in count():
        last = number == _MOST_ROUNDS
        if _verified(life, surely=last) and (last or not _questioned(life)):
            return
        _again(life, around)


def _again(life: Life, around: Around) -> None:
    if life.open_tasks:
        _departments_handle(life, around)
    else:
        _by_desk(life, around)


def _verified(life: Life, *, surely: bool) -> bool:
    """Verified and closed; False when the verifier found it not mended, which `surely` excludes."""
    rng, version = life.rng, life.filed.version
    at = _after(life, "verify", version.verify_minutes)
    witness = stated.pick(stated.WITNESS_SHARES, rng)
    handler = life.row["handled_by_id"]
    photographed = any(photo["step"] == "handle" for photo in life.photos)
    if witness == "photo" and photographed and version.proof != "witness":
        life.close(at, _desk(life, Verb.CASE_CLOSE), "photo")
        return True
    if witness == "reporter" and version.proof != "photo":
        life.close(at, _desk(life, Verb.CASE_CLOSE, but=handler), "reporter")
        return True
    verifier = _desk(life, Verb.CASE_VERIFY, but=handler)
    if not surely and rng.random() < stated.NOT_MENDED_SHARE:
        life.verify(at, verifier, mended=False, reason=rng.choice(texts.NOT_MENDED_REASONS))
        return False
    life.verify(at, verifier, mended=True)
    life.close(_after(life, "close", version.verify_minutes), _desk(life, Verb.CASE_CLOSE), "verifier")
    return True


def _questioned(life: Life) -> bool:
    """Whether the reporter's no, or a later check, opened the closed case again."""
    rng = life.rng
    # Nobody rates their own work.
    if life.filed.reporter.account_id != life.row["handled_by_id"] and rng.random() < stated.RATED_SHARE:
        at = _pass(life, life.row["closed_at"] + timedelta(hours=rng.uniform(1, 120)))
        mended = rng.random() >= stated.RATED_NO_SHARE
        life.rate(at, life.filed.reporter, mended=mended)
        if not mended:
            return True
    if rng.random() < stated.REOPENED_SHARE:
        at = _pass(life, life.row["closed_at"] + timedelta(days=rng.uniform(6, REOPEN_DAYS - 1)))
        life.reopen(at, _desk(life, Verb.CASE_REOPEN), rng.choice(texts.REOPEN_REASONS))
        return True
    return False


def _offices(life: Life, count: int) -> list[str]:
    """The office whose work it is, and a partner when two are asked; none when the city has none."""
    version = life.filed.version
    partner = PARTNERS[version.business]
    wanted = [version.department_id, partner if partner != version.department_id else _INSTEAD][:count]
    keys = [life.world.office(department, life.path) for department in wanted]
    return keys if all(keys) else []


def _desk(life: Life, verb: Verb, but: int | None = None) -> Actor:
    """Somebody at the desk that holds the case, or above. The city's own desk always has somebody."""
    by = life.world.somebody(life.row["holder_path"], verb, life.rng, confidential=life.confidential, but=but)
    if by is None:
        raise LookupError(f"nobody in the sample city has {verb} over {life.row['holder_path']}")
    return by


def _after(life: Life, step: str, minutes: int) -> datetime:
    """The moment after the working time that this step takes; Ended when the present comes first."""
    delay = stated.delay_minutes(step, life.minutes(minutes), life.rng)
    at = CHINA.add_working_minutes(_last(life), delay) + timedelta(seconds=life.rng.randint(0, 59))
    return _pass(life, at)


def _soon(life: Life) -> datetime:
    return _pass(life, _last(life) + timedelta(minutes=life.rng.randint(1, 8)))


def _pass(life: Life, at: datetime) -> datetime:
    life.wait(at)
    return at


def _last(life: Life) -> datetime:
    """When something was last done to it; the clock's own doings come between."""
    at: datetime = life.entries[-1]["at"]
    return at


def rng_of(seed: int, batch: int) -> Random:
    return Random(seed * 1_000_003 + batch)  # noqa: S311 - the same city from the same seed
