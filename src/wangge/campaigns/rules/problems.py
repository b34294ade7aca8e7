"""What can go wrong with forms and campaigns."""

from dataclasses import dataclass

from wangge.base.problems import Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Cell:
    """What is wrong with one cell of a form's workbook: where (`column` as a letter, `header` as its title), what stands there.

    `expected` is a sentence to be translated, filled with `facts`.
    """

    sheet: str
    row: int
    column: str
    header: str
    value: str
    expected: str
    facts: tuple[tuple[str, str], ...] = ()


class BadForm(Problem):
    """A workbook that is no form; `cells` tells all that was found."""

    code = "bad-form"
    status = 422
    sentence = _(
        "The form was not taken in: {count} cells are wrong. The first: sheet {sheet}, row {row}, column {column}."
    )

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = cells
        first = cells[0]
        super().__init__(
            count=len(cells),
            sheet=first.sheet,
            row=first.row,
            column=f"{first.column} {first.header}".strip(),
        )


class NoForm(Problem):
    code = "no-form"
    status = 422
    sentence = _("This is no form. Give an XLSForm: an .xlsx or .xls file with a sheet named survey.")


class CampaignStepNotPossible(Problem):
    code = "campaign-step-not-possible"
    status = 409
    sentence = _("The campaign is now “{state}”; this step is not possible.")


class NobodyAsked(Problem):
    code = "nobody-asked"
    status = 422
    sentence = _("No household fits this choice. Nothing was started.")


class ChangedMeanwhile(Problem):
    code = "campaign-changed"
    status = 409
    sentence = _("Somebody changed this campaign meanwhile. Look at it again.")


class TooManyMaterials(Problem):
    code = "too-many-materials"
    status = 409
    sentence = _("A campaign shows at most {most} texts and pictures.")


class OtherForm(Problem):
    code = "other-form"
    status = 422
    sentence = _("This answer was given to another form than the campaign's.")


class NotRunning(Problem):
    code = "campaign-not-running"
    status = 409
    sentence = _("This campaign has not begun.")
