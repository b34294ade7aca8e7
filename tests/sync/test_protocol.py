"""The protocol under losses, repeats, crashes on both sides, two phones to a grid and two people on one phone: nothing is missing,
nothing is twice, and everybody agrees (tests/sync/stories.py).

WANGGE_SEEDS says how many stories are played (25 by default; `make seeds` plays a thousand), WANGGE_FIRST_SEED where they begin.
"""

import os
import time

import pytest
from tests.sync.stories import KINDS, Ground, Tally, lay_out, play

FIRST_SEED = int(os.environ.get("WANGGE_FIRST_SEED", "0"))
SEEDS = int(os.environ.get("WANGGE_SEEDS", "25"))
#: In one test. Over so many each kind of command is written some dozen times, and done.
PART = 25
PARTS = range(FIRST_SEED, FIRST_SEED + SEEDS, PART)

#: Why a command may be refused for good here, besides that its phone was lost: somebody else was first, or lives elsewhere now; what it
#: belongs to never came, because that was refused; and what its owner did not know. Anything else would be a fault.
REASONS = {
    "already-merged", "already-settled", "case-moved", "from-lost-phone", "invalid", "known-here", "lives-nowhere", "lives-somewhere",
    "missing-reason", "need-over", "no-office", "no-shift", "nobody-there", "not-allowed", "not-found", "on-shift", "other-grid",
    "step-not-possible",
}  # fmt: skip

#: What must have happened for these stories to prove anything.
HAPPENED = (
    "lost question", "lost transaction", "lost answer", "phone went out", "repeated", "conflict", "waits: not-here-yet",
    "upload resumed", "grid redrawn", "phone reported", "refused: from-lost-phone", "held", "held, then taken in",
)  # fmt: skip


@pytest.fixture(scope="module")
def ground(cluster, django_db_setup):
    made = Ground(cluster)
    yield made
    made.strike()
    made.close()


@pytest.mark.parametrize("first", PARTS)
def test_server_and_phones_agree_and_nothing_is_missing(ground, open_db, first):
    tally, began = Tally(), time.monotonic()
    seeds = range(first, min(first + PART, FIRST_SEED + SEEDS))
    for seed in seeds:
        tally.add(play(seed, ground.set_town(lay_out)))
    print(f"stories {seeds.start}–{seeds.stop - 1}: {time.monotonic() - began:.0f} s", flush=True)
    assert {reason for _kind, reason in tally.refused} <= REASONS
    if len(seeds) == PART:
        undone = [kind for kind in KINDS if not tally.done[kind]]
        assert undone == []
    if len(seeds) == PART and not first:  # the rarest do not happen in every part
        missed = [one for one in HAPPENED if not tally.happened[one]]
        assert missed == []
