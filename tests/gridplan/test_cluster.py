"""Many towns on a Dask cluster of processes: the same divisions as at home."""

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
    assert on_workers == at_home
