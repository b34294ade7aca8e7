"""How a run's tests are dealt out to its processes, and in which order.

A file's tests are run by one process, which makes what they share once. Stories in a browser share nothing but the browser, so
each is dealt out by itself: they come last, and whichever process is free takes the next one, to the end.
"""

from xdist.scheduler import LoadScopeScheduling

#: Folders whose files take long begin early, those with a browser come last.
EARLY, LATE = ("house", "demo", "project", "gridplan"), ("journeys",)
#: Many tests of a few seconds, which fill the time of all to the end.
LAST = "test_every_page"
#: Files whose tests take long and share nothing: each is dealt out by itself, too.
ALONE = ("tests/house/test_doors.py", "tests/sync/test_protocol.py")


def turn(path):
    """Where a file comes; the lower the earlier."""
    folder = path.parent.name
    if folder in LATE:
        return len(EARLY) + 1 + (path.stem == LAST)
    return EARLY.index(folder) if folder in EARLY else len(EARLY)


class Dealing(LoadScopeScheduling):
    """xdist's own `--dist loadgroup` keeps no groups with pytest 9.2: it writes them into an id that is not read any more."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        alone = file in ALONE or file.split("/")[-2] in LATE
        return nodeid if alone else file
