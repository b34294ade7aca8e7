"""The stated distributions of the sample city's year of cases (docs/workings/sample-city.md). All are invented. Pure.

Shares need not add up to one: they are weighed against each other.
"""

import math
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

#: How busy an hour of the day is with ordinary cases, from midnight on.
HOURS = (2, 1, 1, 1, 1, 3, 8, 22, 48, 60, 58, 46, 30, 28, 44, 52, 50, 40, 30, 26, 24, 18, 10, 5)
#: The same for items that are reported in the evening: noise, fireworks, chained-up fire exits.
NIGHT_HOURS = (14, 8, 4, 2, 1, 2, 4, 8, 10, 10, 10, 12, 12, 10, 10, 10, 12, 16, 28, 44, 56, 60, 48, 28)
#: Monday to Sunday.
WEEKDAYS = (1.15, 1.08, 1.05, 1.03, 1.05, 0.82, 0.72)
#: January to December, all items together: quiet at the new year, busy in summer.
MONTHS = (0.92, 0.80, 1.00, 1.02, 1.04, 1.10, 1.16, 1.15, 1.03, 0.98, 0.96, 0.98)
RAINY_MONTHS, WINTER_MONTHS = (6, 7, 8, 9), (11, 12, 1, 2, 3)
#: How much more often items that peak in rain or winter come in those months.
SEASON_FACTOR = 3.0
#: Cases against others by the urban-rural class of the place; the demo's community has more, so that each account has work.
CASES_BY_CLASS = {"111": 2.6, "112": 1.9, "121": 1.7, "122": 1.0, "123": 0.9, "210": 1.0, "220": 0.55}
DEMO_FACTOR = 12.0

#: Who finds it: the grid's worker on the round, the community's or township's people, a call to the county's centre, a department.
FOUND_BY = {"grid": 84, "community": 6, "township": 2, "county": 7, "department": 1}
#: How much more often work comes that the catalogue gives to this tier first: most of what a grid sees, it can settle.
TIER_FACTORS = {"grid": 40, "community": 2, "township": 1, "county": 1}
#: How it goes, where the item and the finder allow it; what they do not allow goes as `desk`.
COURSES = {
    "alone": 18,  # a grid worker mends what they found, within minutes
    "desk": 68,  # the desk handles it itself
    "department": 9,  # given to the department whose work it is
    "joint": 1.5,  # given to two departments
    "returned": 2,  # the department returns it with a reason, and it is given anew
    "suspended": 3,  # waits once for something outside
    "merged": 2,
    "cancelled": 1.5,
}
#: Of those not done alone: goes up one tier before anything else.
ESCALATED_SHARE = 0.05
SUPERVISED_SHARE = 0.008
#: Of items whose kind allows a summons, and urgent or emergency.
SUMMONED_SHARE = 0.12
SUMMONED_COME_IN_TIME = 0.9

#: By business: how it ends.
OUTCOMES: Mapping[str, Mapping[str, float]] = {
    "safety": {
        "mended": 74,
        "answered": 6,
        "nothing": 9,
        "not_ours": 3,
        "planned": 4,
        "refused": 1,
        "repeated": 3,
    },
    "management": {
        "mended": 68,
        "answered": 11,
        "nothing": 6,
        "not_ours": 5,
        "planned": 5,
        "refused": 2,
        "repeated": 3,
    },
    "service": {
        "mended": 26,
        "answered": 58,
        "nothing": 3,
        "not_ours": 5,
        "planned": 4,
        "refused": 3,
        "repeated": 1,
    },
}
#: Urgency where the item has the level: the default one, and rarer the more urgent.
URGENCY_SHARES = (0.86, 0.11, 0.03)

#: Each step's working time as a share of its deadline: log-normal, (median, sigma). The chance of being late follows.
DELAYS = {"accept": (0.22, 0.70), "handle": (0.45, 0.62), "verify": (0.25, 0.70), "close": (0.05, 0.60)}
#: Found on site and mended alone: minutes from report to closing.
ALONE_MINUTES = (4, 26)
#: Sent later than found: this share of workers' reports waits for a signal, up to so many hours.
OFFLINE_SHARE, OFFLINE_HOURS = 0.03, 6
SUSPENDED_DAYS = (3, 45)
#: A backlog as every office has: of the cases younger than so many days, this share lies still after that many steps
#: (reporting is the first), waiting for somebody.
BACKLOG = ((1, 0.6, (1, 4)), (5, 0.55, (2, 5)), (28, 0.42, (2, 5)))

NOT_MENDED_SHARE = 0.05
WITNESS_SHARES = {"reporter": 0.25, "photo": 0.3, "verifier": 0.45}
RATED_SHARE = 0.35
RATED_NO_SHARE = 0.07
REOPENED_SHARE = 0.006

#: Posts without anybody, by level; desks of the demo's own areas are never empty.
VACANT_SHARE = {"grid": 0.03, "community": 0.01, "township": 0.02}
PART_TIME_SHARE = {"urban": 0.18, "rural": 0.62}


def patience(age_days: float, rng: Random) -> int | None:
    """After how many steps a case of this age lies still; None: it goes on as long as time allows."""
    for days, share, steps in BACKLOG:
        if age_days < days:
            return rng.randint(*steps) if rng.random() < share else None
    return None


def delay_minutes(step: str, deadline_minutes: int, rng: Random) -> int:
    """Working minutes that a step takes, at least two."""
    median, sigma = DELAYS[step]
    return max(2, round(deadline_minutes * median * math.exp(rng.gauss(0, sigma))))


def chance_of_late(step: str) -> float:
    """The share of this step that takes longer than its deadline, by the distribution itself."""
    median, sigma = DELAYS[step]
    return 0.5 * math.erfc(-math.log(median) / sigma / math.sqrt(2))


def pick(shares: Mapping[str, float], rng: Random) -> str:
    """One name, as often as its share says."""
    return rng.choices(tuple(shares), weights=tuple(shares.values()))[0]


def day_weights(months: NDArray[np.int64], weekdays: NDArray[np.int64]) -> NDArray[np.float64]:
    """How busy each day is: by month and day of the week."""
    weights: NDArray[np.float64] = np.array(MONTHS)[months - 1] * np.array(WEEKDAYS)[weekdays]
    return weights


def item_weights(
    month: int, common: Sequence[float], rainy: Sequence[bool], winter: Sequence[bool]
) -> NDArray[np.float64]:
    """How often each item comes in a month, against others."""
    weights = np.array(common, float)
    if month in RAINY_MONTHS:
        weights = weights * np.where(rainy, SEASON_FACTOR, 1.0)
    if month in WINTER_MONTHS:
        weights = weights * np.where(winter, SEASON_FACTOR, 1.0)
    return weights
