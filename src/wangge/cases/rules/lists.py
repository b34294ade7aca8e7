"""How a list of cases may be asked for and drawn: the filters that its address knows, and the columns that it may show."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from wangge.base.problems import Invalid

#: The parts of an address that narrow a list, in the order in which they are written.
FILTERS = (
    "queue", "area", "state", "business", "item", "urgency", "late", "supervised", "days", "since", "until", "text",
)  # fmt: skip
#: Every column that a list may show.
COLUMNS = (
    "title", "number", "item", "business", "place", "address", "state", "urgency", "deadline", "waiting", "reported",
    "holder", "hands", "source", "found_tier", "resolved_tier", "outcome", "witness", "closed", "rating",
)  # fmt: skip
#: What a list shows to whoever has chosen nothing.
USUAL_COLUMNS = ("title", "place", "state", "deadline", "waiting")
#: Steps that many cases may take at once: nothing in them belongs to one case alone.
BULK_STEPS = ("accept", "dispatch", "handle", "close")
MOST_IN_BULK = 100
#: Views that one person may keep.
MOST_VIEWS = 50
#: Characters of the filters that a view keeps.
LONGEST_QUERY = 500


def tidy_query(query: str) -> str:
    """Only the filters of an address' query, each once and without the empty ones, so that two views can be compared."""
    given = dict(parse_qsl(query.removeprefix("?"), keep_blank_values=False))
    kept = urlencode({name: given[name] for name in FILTERS if name in given})
    if len(kept) > LONGEST_QUERY:
        raise Invalid(field="query", expected=f"≤ {LONGEST_QUERY}")
    return kept


def tidy_columns(columns: Iterable[str]) -> list[str]:
    """Those that there are, each once, in the order given; the title is always among them: it leads to the case."""
    known = [name for name in dict.fromkeys(columns) if name in COLUMNS]
    return known if "title" in known else ["title", *known]
