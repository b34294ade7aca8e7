"""What can go wrong with staff and sign-in, each with its stable code."""

from collections.abc import Sequence

from wangge.base.problems import Invalid, NotSignedIn, Problem
from wangge.base.tables.reading import Fault


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
    keeps = True  # the failure stays counted
    sentence = _("The name or the password is wrong, or the account is locked after too many failures.")


class WeakPassword(Invalid):
    code = "weak-password"
    sentence = _(
        "Choose another password: at least {least} characters, not your name, and none that many people use."
    )


class UsernameTaken(Problem):
    code = "username-taken"
    status = 409
    sentence = _("There is already an account with the name {username}.")


class AccountEnded(Problem):
    code = "account-ended"
    status = 409
    sentence = _("This account has ended.")


class OwnAccount(Problem):
    """Nobody ends their own account: an area could be left with nobody who appoints."""

    code = "own-account"
    status = 409
    sentence = _("You cannot end your own account; ask someone else who appoints here.")


class OwnPost(Problem):
    """Nobody gives themselves more than they have, also not who may give every post to others."""

    code = "own-post"
    status = 403
    sentence = _(
        "You cannot give yourself a post that lets you do or see more than you may now; ask someone else who appoints here."
    )


class PostClosed(Problem):
    code = "post-closed"
    status = 409
    sentence = _("This post is closed from {closed_on} on.")


class PostHeld(Problem):
    """Somebody holds the post on these days; it must end first."""

    code = "post-held"
    status = 409
    sentence = _("Someone holds this post on these days. End that assignment first.")


class AssignmentOver(Problem):
    code = "assignment-over"
    status = 409
    sentence = _("This assignment ends on {to_on} already.")


class StandInNotFree(Problem):
    """The stand-in is the holder, is on leave on these days, or there is another stand-in already."""

    code = "stand-in-not-free"
    status = 409
    sentence = _("This account cannot stand in on these days: {why}")


class LeaveOverlaps(Problem):
    code = "leave-overlaps"
    status = 409
    sentence = _("There is already a leave on some of these days.")


class DepartmentNeeded(Invalid):
    code = "department-needed"
    sentence = _("A post that handles for a department names the department, any other post names none.")


class StaffImportRefused(Problem):
    """Nothing was imported; `faults` names each wrong cell, in the order of the file."""

    code = "import-refused"
    status = 422
    sentence = _(
        "Nothing was imported: {count} cells are wrong. The first: line {line}, {column}: {expected}"
    )

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(
            count=len(self.faults), line=first.line, column=first.column, expected=first.expected
        )
