"""The expressions of a form (skips, constraints, calculations), evaluated as far as they can be decided here.

A part of XPath as forms use it: literals, `${question}`, `.`, arithmetic, comparison, and the functions below. What is
written otherwise (paths, look-ups in other files, places) raises Undecided: who asks then says that it was not checked.
Texts that are dates count as days, as the phones do it.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

Value = str | float | bool | list[str]


class Undecided(Exception):  # noqa: N818 - a fact about the expression
    """The expression cannot be decided here; the argument says what of it."""


class Broken(ValueError):  # noqa: N818 - a fact about the expression
    """It is no expression."""


@dataclass(frozen=True, slots=True)
class Around:
    """What an expression stands in: its questions' values by name (a list for one inside repeats), and its own value."""

    value_of: Callable[[str], str | list[str]]
    own: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    position: int | None = None
    columns: Mapping[str, str] | None = None


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<number>\d+(?:\.\d*)?|\.\d+)|\$\{\s*(?P<question>[^}\s]+)\s*\}
    |(?P<name>[^\W\d][\w-]*(?:\.[\w-]+)*(?::[^\W\d][\w.-]*)?)|(?P<sign>!=|<=|>=|\.\.|//|[()+*=<>,./|\[\]@-]))""",
    re.VERBOSE,
)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{2}):(\d{2}).*)?$")
#: A pattern that repeats a repetition can take for ever; it is left to the phones.
_RUNAWAY = re.compile(r"[+*}]\)?[+*{]|\([^)]*[+*][^)]*\)[+*{]")
_LONGEST = 4000


@lru_cache(maxsize=2048)
def parsed(text: str) -> Any:
    """The expression as nested tuples; Broken with what was met."""
    if len(text) > _LONGEST:
        raise Broken(f"longer than {_LONGEST} characters")
    return _Parser(text).whole()


def questions_in(text: str) -> list[str]:
    """The names of the questions that an expression or a label asks for, in order."""
    return [name.removeprefix("last-saved#") for name in re.findall(r"\$\{\s*([^}\s]+)\s*\}", text)]


def evaluate(text: str, around: Around) -> Value:
    """The value of an expression; Broken, or Undecided."""
    try:
        return _value(parsed(text), around)
    except RecursionError:
        raise Undecided("too deep") from None


def holds(text: str, around: Around) -> bool:
    """Whether a condition holds; `yes` and `no` may stand for true and false, as spreadsheets have it."""
    said = text.strip().lower()
    if said in ("yes", "true", "true()"):
        return True
    if said in ("no", "false", "false()", ""):
        return False
    return to_bool(evaluate(text, around))


def to_text(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() | int():
            if math.isnan(value):
                return ""
            return str(int(value)) if math.isfinite(value) and value == int(value) else repr(float(value))
        case list():
            return value[0] if value else ""
    return value


def to_number(value: Value) -> float:
    match value:
        case bool() | float() | int():
            return float(value)
        case list():
            return to_number(value[0]) if value else math.nan
    said = value.strip()
    if met := _DAY.match(said):
        try:
            days = (date(int(met[1]), int(met[2]), int(met[3])) - date(1970, 1, 1)).days
        except ValueError:
            return math.nan
        return days + (int(met[4]) * 60 + int(met[5])) / 1440 if met[4] else float(days)
    try:
        number = float(said)
    except ValueError:
        return math.nan
    return number if re.fullmatch(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", said) else math.nan


def to_bool(value: Value) -> bool:
    match value:
        case bool():
            return value
        case float() | int():
            return bool(value) and not math.isnan(value)
    return len(value) > 0


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        rest = text.rstrip()
        while at < len(rest):
            met = _TOKEN.match(rest, at)
            if met is None:
                raise Broken(rest[at : at + 12].strip())
            kind = met.lastgroup or ""
            self.tokens.append((kind, met[kind]))
            at = met.end()
        self.at = 0

    def whole(self) -> Any:
        made = self.either()
        if self.at < len(self.tokens):
            raise Broken(self.tokens[self.at][1])
        return made

    def next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def take(self, *signs: str) -> str:
        kind, said = self.next()
        if kind in ("sign", "name") and said in signs:
            self.at += 1
            return said
        return ""

    def _chain(self, below: Callable[[], Any], *signs: str) -> Any:
        made = below()
        while sign := self.take(*signs):
            made = (sign, made, below())
        return made

    def either(self) -> Any:
        return self._chain(self.both, "or")

    def both(self) -> Any:
        return self._chain(self.equal, "and")

    def equal(self) -> Any:
        return self._chain(self.order, "=", "!=")

    def order(self) -> Any:
        return self._chain(self.sum, "<", "<=", ">", ">=")

    def sum(self) -> Any:
        return self._chain(self.product, "+", "-")

    def product(self) -> Any:
        return self._chain(self.signed, "*", "div", "mod")

    def signed(self) -> Any:
        if self.take("-"):
            return ("minus", self.signed())
        return self.path()

    def path(self) -> Any:
        made = self.primary()
        if self.next()[1] in ("/", "//", "[", "|", "@") and self.next()[0] == "sign":
            return self._rest_of_path()
        return made

    def _rest_of_path(self) -> Any:
        """A path: read over, so that the rest can be judged; it is never decided here."""
        depth = 0
        while self.at < len(self.tokens):
            kind, said = self.next()
            if kind == "sign" and said == "[":
                depth += 1
            elif kind == "sign" and said == "]":
                depth -= 1
            elif depth == 0 and not (
                (kind == "sign" and said in ("/", "//", ".", "..", "|", "@", "*"))
                or (kind in ("name", "question") and said not in ("and", "or", "div", "mod"))
            ):
                break
            self.at += 1
        if depth:
            raise Broken("[")
        return ("undecided", "path")

    def primary(self) -> Any:  # noqa: PLR0911 - one case a kind of token
        kind, said = self.next()
        self.at += 1
        if kind == "text":
            return ("is", said[1:-1])
        if kind == "number":
            return ("is", float(said))
        if kind == "question":
            return ("question", said)
        if kind == "name":
            return self._call(said) if self.take("(") else ("column", said)
        if kind == "sign" and said == "(":
            made = self.either()
            if not self.take(")"):
                raise Broken("(")
            return made
        if kind == "sign" and said == ".":
            return ("own",)
        if kind == "sign" and said == "..":
            return self._beside() or ("parent",)
        if kind == "sign" and said in ("/", "//", "@", "*"):
            return self._rest_of_path()
        raise Broken(said or "…")

    def _beside(self) -> Any:
        """`../name`: the question beside this one, as the converter itself writes for "or other"."""
        ahead = self.tokens[self.at : self.at + 3]
        if len(ahead) < 2 or ahead[0] != ("sign", "/") or ahead[1][0] != "name":
            return None
        if len(ahead) == 3 and ahead[2] in (("sign", "/"), ("sign", "["), ("sign", "//")):
            return None
        self.at += 2
        return ("question", ahead[1][1])

    def _call(self, name: str) -> Any:
        given: list[Any] = []
        if not self.take(")"):
            given.append(self.either())
            while self.take(","):
                given.append(self.either())
            if not self.take(")"):
                raise Broken(f"{name}(")
        return ("call", name, *given)


def _value(node: Any, around: Around) -> Value:  # noqa: C901, PLR0911 - one case a kind of node
    match node:
        case ("is", value):
            return value  # type: ignore[no-any-return]  # the parser put in a text or a number
        case ("question", name):
            return around.value_of(name)
        case ("own",):
            return around.own
        case ("column", name):
            if around.columns is None:
                raise Undecided(name)
            return around.columns.get(name, "")
        case ("minus", inner):
            return -to_number(_value(inner, around))
        case ("or", left, right):
            return _either(left, right, around)
        case ("and", left, right):
            return not _either(("not", left), ("not", right), around)
        case ("not", inner):
            return not to_bool(_value(inner, around))
        case ("=" | "!=" | "<" | "<=" | ">" | ">=" as sign, left, right):
            return _compared(sign, _value(left, around), _value(right, around))
        case ("+" | "-" | "*" | "div" | "mod" as sign, left, right):
            return _reckoned(sign, to_number(_value(left, around)), to_number(_value(right, around)))
        case ("call", name, *given):
            return _called(name, given, around)
    raise Undecided(str(node[1]) if len(node) > 1 else str(node[0]))


def _either(left: Any, right: Any, around: Around) -> bool:
    """True as soon as one side is: also when the other cannot be decided."""
    try:
        if to_bool(_value(left, around)):
            return True
    except Undecided:
        if to_bool(_value(right, around)):
            return True
        raise
    return to_bool(_value(right, around))


def _compared(sign: str, left: Value, right: Value) -> bool:
    if isinstance(left, list):
        return any(_compared(sign, each, right) for each in left)
    if isinstance(right, list):
        return any(_compared(sign, left, each) for each in right)
    if sign in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            same = to_bool(left) == to_bool(right)
        elif isinstance(left, str) and isinstance(right, str):
            same = left == right
        else:
            same = to_number(left) == to_number(right)
        return same == (sign == "=")
    first, second = to_number(left), to_number(right)
    return {"<": first < second, "<=": first <= second, ">": first > second, ">=": first >= second}[sign]


def _reckoned(sign: str, left: float, right: float) -> float:
    if math.isnan(left) or math.isnan(right):
        return math.nan
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "div":
            return left / right if right else math.copysign(math.inf, left) if left else math.nan
    return math.fmod(left, right) if right else math.nan


def _called(name: str, given: Sequence[Any], around: Around) -> Value:
    if name == "if" and len(given) == 3:
        return _value(given[1] if to_bool(_value(given[0], around)) else given[2], around)
    if name == "position" and given == [("parent",)]:
        if around.position is None:
            raise Undecided("position(..)")
        return float(around.position)
    if name in _MOMENTS and not given:
        return _MOMENTS[name](around)
    function = _FUNCTIONS.get((name, len(given))) or _FUNCTIONS.get((name, -1))
    if function is None:
        raise Undecided(f"{name}()")
    try:
        return function(*(_value(each, around) for each in given))  # type: ignore[no-any-return]  # each gives a Value
    except (OverflowError, IndexError, re.error) as error:
        raise Undecided(f"{name}()") from error


def _matches(value: Value, pattern: Value) -> bool:
    asked, said = to_text(pattern), to_text(value)
    if len(asked) > 300 or len(said) > 1000 or _RUNAWAY.search(asked):
        raise Undecided("regex()")
    return re.fullmatch(asked, said) is not None


def _round(value: Value, places: Value = 0.0) -> float:
    number, scale = to_number(value), 10 ** int(to_number(places))
    return number if not math.isfinite(number) else math.floor(number * scale + 0.5) / scale


def _part(value: Value, start: Value, end: Value | None = None) -> str:
    return to_text(value)[int(to_number(start)) : None if end is None else int(to_number(end))]


def _cut(value: Value, start: Value, length: Value | None = None) -> str:
    first = int(_round(start)) - 1
    last = None if length is None else max(0, first + int(_round(length)))
    return to_text(value)[max(0, first) : last]


def _all(values: Sequence[Value]) -> list[float]:
    """The numbers of questions in repeats, or of several arguments; what was left empty is not among them."""
    found = [
        text for value in values for text in (value if isinstance(value, list) else [value]) if text != ""
    ]
    return [to_number(text) for text in found]


def _sum(*values: Value) -> float:
    return sum(_all(values))


def _least(*values: Value) -> float:
    return min(_all(values), default=math.nan)


def _most(*values: Value) -> float:
    return max(_all(values), default=math.nan)


def _many(value: Value) -> list[str]:
    return value if isinstance(value, list) else [to_text(value)] if to_text(value) else []


_MOMENTS: dict[str, Callable[[Around], Value]] = {
    "true": lambda _around: True,
    "false": lambda _around: False,
    "today": lambda around: around.now.date().isoformat(),
    "now": lambda around: around.now.isoformat(timespec="seconds"),
}
_FUNCTIONS: dict[tuple[str, int], Callable[..., Any]] = {
    ("not", 1): lambda value: not to_bool(value),
    ("boolean", 1): to_bool,
    ("boolean-from-string", 1): lambda value: to_text(value).lower() in ("true", "1"),
    ("number", 1): to_number,
    ("int", 1): lambda value: float(int(to_number(value))) if math.isfinite(to_number(value)) else math.nan,
    ("string", 1): to_text,
    ("round", 1): _round,
    ("round", 2): _round,
    ("abs", 1): lambda value: abs(to_number(value)),
    ("pow", 2): lambda base, power: float(to_number(base) ** to_number(power)),
    ("coalesce", 2): lambda first, second: to_text(first) or second,
    ("concat", -1): lambda *values: "".join(
        "".join(value) if isinstance(value, list) else to_text(value) for value in values
    ),
    ("join", -1): lambda sign, *values: to_text(sign).join(text for value in values for text in _many(value)),
    ("contains", 2): lambda value, part: to_text(part) in to_text(value),
    ("starts-with", 2): lambda value, part: to_text(value).startswith(to_text(part)),
    ("ends-with", 2): lambda value, part: to_text(value).endswith(to_text(part)),
    ("substr", 2): _part,
    ("substr", 3): _part,
    ("substring", 2): _cut,
    ("substring", 3): _cut,
    ("string-length", 1): lambda value: float(len(to_text(value))),
    ("normalize-space", 1): lambda value: " ".join(to_text(value).split()),
    ("regex", 2): _matches,
    ("selected", 2): lambda value, choice: to_text(choice) in to_text(value).split(),
    ("selected-at", 2): lambda value, at: dict(enumerate(to_text(value).split())).get(int(to_number(at)), ""),
    ("count-selected", 1): lambda value: float(len(to_text(value).split())),
    ("count", 1): lambda value: float(len(_many(value))),
    ("count-non-empty", 1): lambda value: float(len([text for text in _many(value) if text])),
    ("sum", -1): _sum,
    ("min", -1): _least,
    ("max", -1): _most,
    ("date", 1): lambda value: (
        date.fromordinal(date(1970, 1, 1).toordinal() + int(value)).isoformat()
        if isinstance(value, float)
        else to_text(value)
    ),
    ("decimal-date-time", 1): to_number,
    ("once", 1): lambda value: value,
}
