"""What can go wrong with staff and sign-in, each with its stable code."""

from wangge.base.problems import NotSignedIn, Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadPostKinds(Problem):
    """A file of post kinds or required posts; the cell is named."""

    code = "bad-post-kinds"
    status = 422
    sentence = _("Line {line}, {column}: “{value}” is not acceptable; expected: {expected}.")


class WrongPassword(NotSignedIn):
    """Also for a name that nobody has, an account that ended, and while the account is locked: all look the same."""

    code = "wrong-password"
    sentence = _("The name or the password is wrong, or the account is locked after too many failures.")
