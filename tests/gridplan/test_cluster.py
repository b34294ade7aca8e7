"""Many towns on a Dask cluster, or shared by processes: the same divisions as at home; and how they end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
from tests.gridplan.places import estates

from gridplan import divide_many


@pytest.mark.filterwarnings("ignore")  # of a library that a user brings along; what it warns of is its own
def test_a_cluster_gives_the_same_divisions_in_the_same_order():
    distributed = pytest.importorskip("distributed")
    towns = [partial(estates, 120, seed) for seed in range(4)]
    at_home = [division.labels.tolist() for division in divide_many(towns, seed=3)]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        on_workers = [division.labels.tolist() for division in divide_many(towns, client, seed=3)]
        ended = list(divide_many([partial(estates, 900, seed) for seed in range(6)], client, limit_s=0.0))
    assert on_workers == at_home
    assert any(division.stopped for division in ended)
    assert all((division.labels >= 0).all() for division in ended)


def test_no_wait_for_a_towns_result_is_ever_cut():
    client = _Hasty()
    towns = [partial(estates, 60, seed) for seed in range(10)]
    at_home = [division.labels.tolist() for division in divide_many(towns)]
    assert [division.labels.tolist() for division in divide_many(towns, client)] == at_home
    assert client.asked == len(towns)


class _Hasty:
    """Like a cluster's client, whose futures know no limit for a wait: one that passes while a result is on its way breaks them."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(2)
        self.asked = 0

    def scheduler_info(self):
        return {"workers": {"one": {}, "two": {}}}

    def submit(self, work, *args, pure):
        assert not pure
        future = self.pool.submit(work, *args)
        patient = future.result

        def result():
            assert future.done()
            self.asked += 1
            return patient()

        future.result = result
        return future


def test_processes_give_the_same_divisions_and_tell_how_many_are_done():
    towns = [estates(120, seed) for seed in range(4)]
    at_home = [division.labels.tolist() for division in divide_many(towns, seed=3)]
    told = []
    shared = divide_many(towns, workers=2, seed=3, progress=told.append)
    assert [division.labels.tolist() for division in shared] == at_home
    assert told == [1, 2, 3, 4]


@pytest.mark.parametrize("workers", [1, 2])
def test_when_time_is_up_the_towns_that_are_left_get_whole_grids_soon(workers):
    divisions = list(
        divide_many((partial(estates, 900, seed) for seed in range(12)), workers=workers, limit_s=0.2)
    )
    assert len(divisions) == 12
    assert divisions[-1].stopped
    assert all((division.labels >= 0).all() for division in divisions)


def test_whoever_takes_no_more_waits_for_nothing():
    asked = []
    with closing(divide_many(estates(60, asked.append(seed) or seed) for seed in range(100))) as some:
        next(some)
    assert asked == [0]


def test_many_can_be_stopped():
    stop = threading.Event()
    some = divide_many([estates(300, seed) for seed in range(3)], stop=stop)
    assert not next(some).stopped
    stop.set()
    assert [division.stopped for division in some] == [True, True]
