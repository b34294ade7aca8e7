"""What can go wrong with the sample city."""

from wangge.base.problems import Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class OtherData(Problem):
    """The demo accounts have a published password: they must never stand beside real data."""

    code = "other-data"
    status = 409
    sentence = _(
        "This database holds other data. The sample city needs an empty one: set WANGGE_DATA to another folder."
    )
