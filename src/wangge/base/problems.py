"""What can go wrong, as values: each problem has a stable code, an HTTP status and a sentence that gettext translates.

Apps name their own problems as subclasses in `rules`; the edges only present them. Plain Python, no Django.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class Problem(Exception):  # noqa: N818 - a problem is a fact about the request, named as one
    """A request that cannot be met. `facts` fill the sentence's `{placeholders}` and go out with it."""

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = _("This cannot be done.")
    #: Whether what was written before it was raised stays although the request fails: what a throttle has counted.
    keeps: ClassVar[bool] = False

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.say())

    def say(self, translate: Any = str) -> str:
        """The sentence in the language of `translate`, a function from English to what is shown."""
        shown = {
            name: translate(value) if isinstance(value, str) and value else value
            for name, value in self.facts.items()
        }
        return str(translate(self.sentence)).format_map(_Missing(shown))


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


class NotFound(Problem):
    """There is no such thing, or it is not the viewer's: both get the same answer."""

    code = "not-found"
    status = 404
    sentence = _("There is no such entry, or it is not yours to see.")


class NotSignedIn(Problem):
    code = "not-signed-in"
    status = 401
    sentence = _("Please sign in.")


class NotAllowed(Problem):
    """Seen, but this viewer's posts do not carry the verb."""

    code = "not-allowed"
    status = 403
    sentence = _("None of your posts may do this here.")


class OtherContent(Problem):
    code = "other-content"
    status = 409
    sentence = _("This id was already used with another content. Make a new id.")


class Changed(Problem):
    """Somebody else changed the same fields meanwhile: nothing was written. `fields` are those, with what is kept now;
    `current_revision` is what a command must be based on to settle it.
    """

    code = "changed"
    status = 409
    sentence = _("Somebody else changed this meanwhile. Look at both and choose.")

    def __init__(self, current_revision: int, fields: Mapping[str, Any]) -> None:
        super().__init__(current_revision=current_revision, fields=dict(fields))


class Invalid(Problem):
    """A value is not acceptable; `field` names it, `expected` says what would be."""

    code = "invalid"
    status = 422
    sentence = _("{field}: {expected}")


class TooMany(Problem):
    code = "too-many"
    status = 429
    sentence = _("Too many attempts. Please wait {seconds} seconds.")
