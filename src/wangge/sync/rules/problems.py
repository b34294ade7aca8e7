"""What can stand against a phone and its commands."""

from wangge.base.problems import Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class NotHereYet(Problem):
    """What the command belongs to has not arrived, or is not the viewer's: another phone may still hold it."""

    code = "not-here-yet"
    status = 409
    sentence = _("What this belongs to has not arrived yet. It is sent again by itself.")


class NotNow(Problem):
    """Something else stood in the way, as when two wait for one another; nothing is wrong with the command."""

    code = "not-now"
    status = 503
    sentence = _("This could not be taken in just now. It is sent again by itself.")


class Crowded(Problem):
    """So many phones send at once that this one does better to come again; it has done nothing wrong."""

    code = "crowded"
    status = 429
    sentence = _("Many phones are sending just now. It is sent again by itself in {seconds} seconds.")


class UnknownKind(Problem):
    """A command of a newer app, or of none."""

    code = "unknown-kind"
    status = 422
    sentence = _("This server does not know what “{kind}” is.")


class OtherDevice(Problem):
    code = "other-device"
    status = 409
    sentence = _("This phone is registered to somebody else. Register it again.")


class WipeOrdered(Problem):
    """The desk has marked the phone as lost: it removes what it holds and tells so."""

    code = "wipe"
    status = 410
    sentence = _("This phone was reported lost. What it holds is removed.")


class FromLostPhone(Problem):
    """Why is told to nobody: who holds the phone is not known to be who wrote it."""

    code = "from-lost-phone"
    status = 409
    sentence = _("This could not be taken in from a phone that was reported lost.")


class NoWaitingFile(Problem):
    code = "no-waiting-file"
    status = 422
    sentence = _("This is no file that was carried away from a phone of Wangge: its name ends in “.wangge”.")


class WaitingFileTorn(Problem):
    """Cut, changed, or not sealed by the phone that it names."""

    code = "waiting-file-torn"
    status = 422
    sentence = _(
        "This file is not whole, or was changed. Copy it once more, or carry it away from the phone anew: nothing of it was taken in."
    )


class WaitingFileOfAnother(Problem):
    code = "waiting-file-of-another"
    status = 403
    sentence = _(
        "This file was written by somebody else. They sign in and read it in themselves, on their phone or at any computer."
    )


class WaitingFileFromElsewhere(Problem):
    """Sealed with a key that is not here."""

    code = "waiting-file-from-elsewhere"
    status = 422
    sentence = _(
        "This file was sealed for another installation, or with a key that is not here any more. Tell who runs this program."
    )


class AlreadySettled(Problem):
    code = "already-settled"
    status = 409
    sentence = _("Somebody has settled this already.")
