"""What pyxform says against a form, put to its cell and into plain words that can be translated. Pure.

It stops at the first fault, tells its row for most, its column for some, and is worded for people who know XLSForm. Each sentence of
the pinned version that a form can bring about is known here; what else it says is passed on in its own words.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyxform import aliases
from pyxform.errors import PyXFormError
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from wangge.campaigns.rules.problems import Cell
from wangge.campaigns.rules.workbook import Look, Sheet, usual

BEGIN = re.compile(r"(begin|end)[ _]+(\w+)(?:\s.*)?$")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


REFERENCE = _("Another question is named as ${name}: in half-width signs, without spaces, with both braces.")
LABEL = _("Write in a column label what is asked here: nothing else is shown of this question.")
_NO_LABELS = _("The first row needs a column named label: else no question is shown.")
_NAME = _("A name begins with a letter and holds letters, digits, _, - and points only.")
_VALUE = _("The parameter {name} cannot have this value.")
_NUMBER = _("The parameter {name} is a number.")
_WHOLE = _("The parameter {name} is a whole number.")
_OTHERWISE = _("The form could not be converted. The converter says: {said}")


@dataclass(frozen=True, slots=True)
class _Known:
    """A sentence of pyxform's, the column that it is about (empty: it says so itself), and what is said here instead.

    Of its groups `of` names the question, and each that stands in `said` is a fact of it.
    """

    sentence: str
    column: str
    said: str


_KNOWN = (
    _Known(r"survey element named '(?P<of>.*)' has no label or hint", "label", LABEL),
    _Known(r"Could not find the name '(?P<name>.*?)'", "", _("There is no question named {name}.")),
    _Known(r"There is no survey element named '(?P<name>.*?)'", "", _("There is no question named {name}.")),
    _Known(r"Reference variables? must start with", "", REFERENCE),
    _Known(
        r"must have a comma between each",
        "trigger",
        _("Between two questions that are named stands a comma."),
    ),
    _Known(
        r"(?:The name '(?P<name>.*?)' appears more than once|There are multiple survey elements named '(?P<name2>.*?)')",
        "",
        _(
            "Several questions are called {name}, and it is not clear which is meant. Each needs a name of its own."
        ),
    ),
    _Known(
        r"Repeat names must not be the same as the survey root",
        "name",
        _("The whole form is called so. Give the repeat another name."),
    ),
    _Known(
        r"Repeat names must (?:be )?unique anywhere",
        "name",
        _("Another repeat is called so. Each repeat needs a name of its own in the whole form."),
    ),
    _Known(
        r"reserved for form metadata",
        "name",
        _("The name meta is kept for the form itself. Give another name."),
    ),
    _Known(
        r"unique within their nearest parent", "name", _("This name stands above already in the same group.")
    ),
    _Known(r"Names must begin with a letter", "name", _NAME),
    _Known(
        r"Question or group with no name",
        "name",
        _("Give this question a name: letters, digits and _ without spaces."),
    ),
    _Known(
        r"Question with no type",
        "type",
        _("Say what kind of question this is, for example text or integer."),
    ),
    _Known(
        r"Unknown question type",
        "type",
        _(
            "There is no question of this kind. Usual ones: text, integer, decimal, date, select_one, select_multiple, image, note, calculate."
        ),
    ),
    _Known(
        r"Unmatched 'end_",
        "type",
        _("Nothing of this kind is open here. Check the rows begin and end above."),
    ),
    _Known(
        r"Unmatched 'begin_(?P<kind>\w+)'",
        "type",
        _("This {kind} is never ended. Add a row “end {kind}” below."),
    ),
    _Known(r"Missing calculation", "calculation", _("Say what is calculated.")),
    _Known(
        r"not user-visible so it can't be used as a calculation trigger for question \$\{(?P<of>.*?)\}",
        "trigger",
        _("A question that is shown to nobody sets nothing off. Name another."),
    ),
    _Known(
        r"Arguments 'itemset' and 'list_name' must not both be None",
        "type",
        _("Name the list of choices behind the type, for example select_one {list}."),
    ),
    _Known(
        r"List name not in (?:columns|choices|external choices) sheet: (?P<list>\S+)",
        "type",
        _("The sheet choices has no list “{list}”."),
    ),
    _Known(
        r"There should be a choices sheet",
        "type",
        _("The form has no sheet choices with what can be chosen here."),
    ),
    _Known(
        r"specify choices for this 'or other' question",
        "type",
        _("The form has no sheet choices with what can be chosen here."),
    ),
    _Known(
        r"Repeat loop without list name",
        "type",
        _("A loop names its list of choices: begin loop over {list}."),
    ),
    _Known(
        r"Choice filter not supported with or_other",
        "choice_filter",
        _("Choices with or_other cannot be filtered: leave one of the two out."),
    ),
    _Known(
        r"Choice filter not supported for table-list",
        "choice_filter",
        _("In a group with the appearance table-list choices cannot be filtered."),
    ),
    _Known(
        r"list names don't match: (?P<one>\S+) vs\. (?P<other>\S+)",
        "type",
        _(
            "In a group with the appearance table-list all questions have one list. Here are {one} and {other}."
        ),
    ),
    _Known(
        r"Audits must always be named",
        "name",
        _("A row of the type audit has no name. Leave this cell empty."),
    ),
    _Known(
        r"To include location information in the audit|Parameter location-",
        "parameters",
        _("Positions are not taken along unasked: leave the location parameters out."),
    ),
    _Known(
        r"Parameters must be in the form of",
        "parameters",
        _("Parameters are written as name=value, with a space between two of them."),
    ),
    _Known(
        r"accepted parameter keys for this question type are '(?P<accepted>.*?)'.*parameter key\(s\): '(?P<name>.*?)'",
        "parameters",
        _("There is no parameter {name} here. There are: {accepted}."),
    ),
    _Known(r"the parameter '(?P<name>.*?)' must be a number", "parameters", _NUMBER),
    _Known(r"The '(?P<name>[\w-]+)' parameter must have a numeric value", "parameters", _NUMBER),
    _Known(r"^(?P<name>seed) value must be a number", "parameters", _NUMBER),
    _Known(
        r"must include randomize=true to use a seed",
        "parameters",
        _("The parameter seed needs randomize=true beside it."),
    ),
    _Known(
        r"the parameter '(?P<name>.*?)' must not be '0'", "parameters", _("The parameter {name} is not 0.")
    ),
    _Known(
        r"the parameter '(?P<name>.*?)' must not be larger than",
        "parameters",
        _("The parameter {name} is at most what lies between start and end."),
    ),
    _Known(
        r"the parameter '(?P<name>.*?)' must be a multiple of 'step'",
        "parameters",
        _("The parameter {name} is a multiple of step."),
    ),
    _Known(
        r"the parameter '(?P<name>placeholder)' must be between",
        "parameters",
        _("The parameter {name} lies between start and end."),
    ),
    _Known(
        r"tick_labelset|'tick_interval'",
        "parameters",
        _(
            "The scale's own ticks and labels do not fit here: leave tick_interval, tick_labelset and placeholder out."
        ),
    ),
    _Known(r"Parameter (?P<name>[\w-]+) must have an integer value", "parameters", _WHOLE),
    _Known(r"(?P<name>[\w-]+) must be set to ", "parameters", _VALUE),
    _Known(r"Invalid value for (?P<name>quality)", "parameters", _VALUE),
    _Known(r"The '(?P<name>allow-mock-accuracy|reference-geometry)' parameter must", "parameters", _VALUE),
    _Known(
        r"'save_to' value is invalid",
        "save_to",
        _("Nothing is kept as an entity here: leave this column empty."),
    ),
    _Known(
        r"(?:Question )?'(?P<of>.*?)' (?:uses|is a select from file type, using) 'search\(\)'",
        "appearance",
        _("A look-up in another file cannot be used here."),
    ),
    _Known(r"search\(\)", "appearance", _("A look-up in another file cannot be used here.")),
    _Known(
        r"To use big-image, you must also specify an image for the survey element named (?P<of>\S+)\.",
        "big-image",
        _("Beside a label only a picture (media::image) can be shown."),
    ),
    _Known(
        r"Media type: .* not supported",
        "media",
        _("Beside a label only a picture (media::image) can be shown."),
    ),
    _Known(
        r"different names for the same column were found: '(?P<other>.*?)', '(?P<title>.*?)'",
        "{title}",
        _("This column and column {other} are for the same. Keep one of them."),
    ),
    _Known(
        r"required column headers were not found: '(?P<column>\w+)'",
        "{column}",
        _("The first row needs a column named {column}."),
    ),
    _Known(r"Choices must have a name", "name", _("Give this choice a name: it is what the answer holds.")),
    _Known(
        r"Choice names must be unique",
        "name",
        _("This name stands in the list already. Each choice needs its own."),
    ),
)


def explained(error: Exception, book: Mapping[str, Sheet]) -> list[Cell]:
    """The cell of this fault, and those of its like."""
    said = str(error)
    for known in _KNOWN:
        if met := re.search(known.sentence, said, re.DOTALL):
            if known.said is LABEL:
                return list(_without_label(book, met["of"]))
            return [_cell(known, met, error, book)]
    words = re.sub(r"^\[row\s*:\s*\d+\]\s*", "", said).split(" Learn more:")[0]
    sheet, row, column = _place(error, said)
    sheet = sheet if sheet in book else "survey"
    return [
        Look(book, sheet).fault(row or 1, column or "type", _OTHERWISE, said=words or type(error).__name__)
    ]


def _cell(known: _Known, met: re.Match[str], error: Exception, book: Mapping[str, Sheet]) -> Cell:
    facts = {name: found for name, found in met.groupdict().items() if found}
    if "name2" in facts:
        facts["name"] = facts.pop("name2")
    facts.setdefault("list", "yes_no")
    sheet, row, column = _place(error, str(error))
    sheet = sheet if sheet in book else "survey"
    column = known.column.format(**facts) or column
    row = row or _row_of(known, facts, column, book[sheet])
    if not column and row:
        column = _column_naming(facts.get("name", ""), book[sheet].rows[row - 2])
    told = {name: found for name, found in facts.items() if f"{{{name}}}" in known.said}
    return Look(book, sheet).fault(row, usual(column or "type"), known.said, **told)


def _place(error: Exception, said: str) -> tuple[str, int, str]:
    """Sheet, row and column, as far as they are told."""
    context = error.context if isinstance(error, PyXFormError) else {}
    row = context.get("row") or (re.search(r"\[row\s*:\s*(\d+)\]", said) or [0, 0])[1]
    sheet = (
        context.get("sheet") or (re.search(r"(?:'|sheet: ')(survey|choices|settings)'", said) or ["", ""])[1]
    )
    column = context.get("column") or (re.search(r"the '([\w: -]+)' value", said) or ["", ""])[1]
    return str(sheet or "survey"), int(row or 0), str(column or "")


def _row_of(known: _Known, facts: Mapping[str, str], column: str, sheet: Sheet) -> int:
    """The row that the sentence does not tell: where the question stands that it names, or what it says against. 1 is the titles'."""
    if known.column.startswith("{"):
        return 1
    for line, row in enumerate(sheet.rows, start=2):
        if "of" in facts:
            found = sheet.value(row, "name") == facts["of"]
        elif column == "parameters":
            found = facts.get("name", "seed") in sheet.value(row, "parameters")
        elif "name" in facts:
            found = bool(_column_naming(facts["name"], row))
        elif known.column == "type" and (kind := re.search(r"type '(.*?)'", known.sentence)):
            found = sheet.value(row, "type") == kind[1]
        else:
            found = known.column == "type" and sheet.value(row, "type") in (*aliases.select, "rank")
        if found:
            return line
    return 1


def _column_naming(name: str, row: Mapping[str, str]) -> str:
    """The column in which this question is named as another's reference."""
    return next((usual(title) for title, text in row.items() if name and f"${{{name}}}" in text), "")


def _without_label(book: Mapping[str, Sheet], first: str) -> Iterator[Cell]:
    """Every question without a label: pyxform told one of them."""
    look = Look(book, "survey")
    if not look.sheet.column("label")[0]:
        yield look.fault(1, "label", _NO_LABELS)
        return
    for line, row in enumerate(look.sheet.rows, start=2):
        name = look.sheet.value(row, "name")
        if name == first or (_is_shown(look.sheet, row) and not _says_something(look.sheet, row)):
            yield look.fault(line, "label", LABEL)


def _is_shown(sheet: Sheet, row: Mapping[str, str]) -> bool:
    kind = " ".join(sheet.value(row, "type").split())
    if not kind or kind.startswith("#") or BEGIN.match(kind.lower()):
        return False
    if kind == "calculate" or sheet.value(row, "calculation") or sheet.value(row, "trigger"):
        return False
    known = aliases._type_alias_map.get(kind, kind)  # noqa: SLF001 - pyxform's own list of other names, of a pinned version
    return "control" in QUESTION_TYPE_DICT.get(known, {"control": {}})


def _says_something(sheet: Sheet, row: Mapping[str, str]) -> bool:
    return any(sheet.in_any_language(row, name) for name in ("label", "hint", "media", "image"))
