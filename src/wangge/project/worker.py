"""`wangge worker`: the timers, kept in PostgreSQL's own queue.

Every promise asks the database what is due, so that a restart loses none: what fell due meanwhile is found by the
first run. Each runs once at start, too.
"""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any

from procrastinate import App
from procrastinate.contrib.django import DjangoApp
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.psycopg_connector import PsycopgConnector

from wangge.base import clock
from wangge.blobs.jobs import sweep_unfinished_uploads
from wangge.campaigns.jobs import attach_late_photos, end_campaigns, start_campaigns
from wangge.cases.jobs import rehome_cases, sound_alarms
from wangge.households.jobs import erase_care_details
from wangge.plans.jobs import apply_plans, erase_comment_phones
from wangge.project.apart import compute_plans, read_grounds
from wangge.project.compiling import compiled_ahead
from wangge.staff.jobs import sweep_sign_ins
from wangge.sync.jobs import (
    follow_records_of_conflicts,
    forget_gone_records,
    forget_held_commands,
    try_held_again,
)
from wangge.visits.jobs import (
    ask_questions,
    begin_day_of_visits,
    forget_rounds,
    forget_tracks,
    plan_rounds,
    renew_due_visits,
)

log = logging.getLogger("wangge.worker")

#: When, in UTC, and what. Shanghai's day begins at 16:00.
PROMISES: dict[str, tuple[str, Callable[[datetime], object]]] = {
    "sound_alarms": ("* * * * *", sound_alarms),
    "ask_questions": ("* * * * *", ask_questions),
    "begin_day_of_visits": ("5 16 * * *", begin_day_of_visits),
    "follow_records_of_conflicts": ("*/5 * * * *", follow_records_of_conflicts),
    "forget_gone_records": ("45 19 * * *", forget_gone_records),
    "forget_held_commands": ("30 19 * * *", forget_held_commands),
    "forget_rounds": ("40 19 * * *", forget_rounds),
    "forget_tracks": ("35 19 * * *", forget_tracks),
    "plan_rounds": ("* 20-21 * * *", plan_rounds),
    "rehome_cases": ("5 * * * *", rehome_cases),
    "renew_due_visits": ("* * * * *", renew_due_visits),
    "apply_plans": ("10 * * * *", apply_plans),
    "compute_plans": ("* * * * *", compute_plans),
    "read_grounds": ("* * * * *", read_grounds),
    "attach_late_photos": ("*/5 * * * *", attach_late_photos),
    "start_campaigns": ("* * * * *", start_campaigns),
    "erase_care_details": ("50 19 * * *", erase_care_details),
    "erase_comment_phones": ("55 19 * * *", erase_comment_phones),
    "end_campaigns": ("10 16 * * *", end_campaigns),
    "try_held_again": ("50 * * * *", try_held_again),
    "sweep_sign_ins": ("20 19 * * *", sweep_sign_ins),
    "sweep_unfinished_uploads": ("25 * * * *", sweep_unfinished_uploads),
}
#: A worker that was not heard of for so long has died.
LOST_SECONDS = 60
STOP_SECONDS = 1.5


class Failed(Exception):  # noqa: N818 - what the queue keeps of a failed run
    """A promise was not kept this time; the log says where."""


def keep(name: str) -> None:
    """Runs a promise once. Of a failure the log gets kind and place, never its words: they may quote people's data."""
    try:
        PROMISES[name][1](clock.now())
    except Exception as problem:  # noqa: BLE001 - whatever it is, the next run comes
        place = traceback.extract_tb(problem.__traceback__)[-1]
        log.error("%s failed: %s at %s:%s", name, type(problem).__name__, place.filename, place.lineno)  # noqa: TRY400
        raise Failed(name) from None


def register(app: App) -> None:
    """One task a promise. Two waiting runs of the same would do the same: the queue keeps one."""
    for name, (cron, _) in PROMISES.items():

        def run(timestamp: int = 0, *, promise: str = name) -> None:  # noqa: ARG001 - the queue passes its time
            keep(promise)

        task: Any = app.task(name=name, queueing_lock=name)(run)
        app.periodic(cron=cron, periodic_id="")(task)


async def _begin(app: App) -> None:
    """Clears what a killed worker had begun, since it is begun anew, and runs each promise once."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=LOST_SECONDS):
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    for name in PROMISES:
        with contextlib.suppress(AlreadyEnqueued):
            await app.tasks[name].defer_async()


async def work(app: App, *, wait: bool = True) -> None:
    """Works until it is told to stop; without `wait` until nothing is left to do now."""
    async with app.open_async():
        await _begin(app)
        await app.run_worker_async(
            wait=wait,
            install_signal_handlers=wait,
            shutdown_graceful_timeout=STOP_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS.value,
        )


def queue() -> App:
    """The queue with a small pool of its own; the tasks themselves use Django's connection."""
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=3)
    app = DjangoApp(connector=connector)
    register(app)
    return app


def main() -> None:
    # Its own report of a failure would quote the failure's words.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    with compiled_ahead():
        asyncio.run(work(queue()))
