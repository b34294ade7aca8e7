"""The report on a plan as a PDF, written by the server alone: no browser, no font of the machine, nothing from outside.

The font is Noto Sans SC (SIL Open Font License), which comes as a package; of it the file holds the letters that it uses.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import pgettext as in_context

from wangge.base.calendar import SHANGHAI
from wangge.doors.console import plan_words, words
from wangge.doors.maps import Map

_FONT = "sans"
_MARGIN = 15.0
_GAP = 4.0
#: As in plans.css, by hue.
_HUES = ("#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#76b7b2", "#e15759", "#9c755f")
_NUMBER = re.compile(r"-?[\d.]+")
#: Letters that no font of the page has would be left out silently; they are shown as this.
_UNKNOWN = "〓"


def write(facts: Mapping[str, Any], *, printed_at: datetime, printed_by: str) -> bytes:
    """The whole report: maps, figures, principles, what is proven, rules, grids, what was said, and a place to sign."""
    sheet = _Sheet()
    plan = facts["plan"]
    sheet.title(gettext("Report on a division plan"), plan.area.name, plan.name)
    sheet.line(_life(facts))
    sheet.maps([each for each in (facts["before"], facts["after"]) if each])
    _figures(sheet, facts)
    _principles(sheet, facts)
    _proof(sheet, facts["proof"])
    _rules(sheet, facts)
    _grids(sheet, facts)
    if facts["comments"]:
        sheet.heading(gettext("What was said"))
        for said in facts["comments"]:
            who = str(words.label(plan_words.SIDES, said.comment.side))
            where = f" · {said.comment.grid_name}" if said.comment.grid_name else ""
            sheet.line(f"{who}{where}: {said.comment.text}")
            if said.comment.answer:
                sheet.line(f"{in_context('plan', 'Answer')}: {said.comment.answer}")
    sheet.signatures([gettext("Drafted by"), gettext("Checked by"), gettext("Approved by")])
    sheet.line(f"{gettext('Printed')} {_moment(printed_at)} · {printed_by}", small=True)
    return sheet.written(title=plan.name)


def _life(facts: Mapping[str, Any]) -> str:
    plan = facts["plan"]
    told = [
        str(words.label(plan_words.STATES, plan.state)),
        str(words.label(plan_words.UNITS, plan.unit)),
        f"{plan.low}–{plan.high}",
        f"{gettext('Begun')} {_moment(plan.made_at)} {facts['made_by']}",
    ]
    if plan.approved_at:
        told.append(f"{gettext('Approved')} {_moment(plan.approved_at)} {facts['approved_by']}")
    if plan.apply_on:
        told.append(f"{gettext('To be applied on')} {plan.apply_on:%Y-%m-%d}")
    return " · ".join(told)


def _figures(sheet: "_Sheet", facts: Mapping[str, Any]) -> None:
    rows = [
        [str(words.label(plan_words.FIGURES, code)), _told(was), _told(now)]
        for code, was, now in facts["figures"]
    ]
    rows += [[str(words.label(plan_words.CHANGES, code)), "", _told(now)] for code, now in facts["changes"]]
    header = [gettext("Figure"), gettext("today"), gettext("with the plan")]
    sheet.table(gettext("Figures before and after"), header, rows, widths=(60, 20, 20))


def _principles(sheet: "_Sheet", facts: Mapping[str, Any]) -> None:
    rows: list[list[str]] = []
    for principle, figures, _all in facts["principles"]:
        name = str(words.label(plan_words.PRINCIPLES, principle))
        rows += [[f"{name} · {label}", _told(was), _told(now)] for label, was, now in figures]
    header = [gettext("Figure"), gettext("today"), gettext("with the plan")]
    sheet.table(gettext("The four principles in figures"), header, rows, widths=(60, 20, 20))


def _proof(sheet: "_Sheet", proof: Any) -> None:
    sheet.heading(gettext("How far from the best possible"))
    if proof is None:
        sheet.line(gettext("Nobody has asked yet how far this division is from the best possible."))
    elif proof.stale and proof.other_ways:
        sheet.line(
            gettext(
                "What was proven is about other ways than those that the plan is divided by, and no longer holds."
            )
        )
    elif proof.stale:
        sheet.line(gettext("What was proven is of an earlier division and no longer holds."))
    elif proof.share is None:
        sheet.line(gettext("Nothing was proven of every community yet."))
    else:
        straight = gettext(
            "At most %(share)s %% above the best possible within these bounds. What is compared is the root mean square of straight ways to the middle of the grid: far doors weigh more, streets do not count."
        )
        on_foot = gettext(
            "At most %(share)s %% above the best possible within these bounds. What is compared is the root mean square of ways on foot, along the streets that are known, to the grid's door to which they are shortest: far doors weigh more."
        )
        said = on_foot if proof.distance == "walking" else straight
        sheet.line(said % {"share": f"{proof.share * 100:.1f}"})
        if proof.proven_at:
            sheet.line(f"{in_context('proof', 'proven')} {_moment(proof.proven_at)}", small=True)


def _rules(sheet: "_Sheet", facts: Mapping[str, Any]) -> None:
    sheet.heading(gettext("Rules"))
    for name, rule, count, cause in facts["broken"]:
        why = f" {words.label(plan_words.CAUSES, cause)}" if cause else ""
        sheet.line(f"{f'{name}: ' if name else ''}{words.label(plan_words.RULES, rule)} ({count}){why}")
    if not facts["broken"]:
        sheet.line(
            gettext(
                "No rule is broken: every building lies in one grid of its community, every grid is one piece and within the bounds."
            )
        )
    if facts["plan"].figures.get("ended_early"):
        sheet.line(gettext("The search was ended before it was through; more time may find better."))
    if facts["plan"].why:
        sheet.line(f"{gettext('Why it cannot be otherwise')}: {facts['plan'].why}")
    if facts["plan"].approved_why:
        sheet.line(f"{plan_words.why_approved(facts['plan'])}: {facts['plan'].approved_why}")


def _grids(sheet: "_Sheet", facts: Mapping[str, Any]) -> None:
    rows = [
        [
            grid.name if grid.today else f"{grid.name} ({in_context('grid', 'new')})",
            grid.code,
            _told(grid.households),
            _told(grid.stay),
            _told(grid.figures.get("rms_m")),
            _told(grid.figures.get("walk_m", grid.figures.get("door_m"))),
            _told(grid.figures.get("hours_a_week")),
        ]
        for grid in facts["grids"]
    ]
    header = [
        gettext("Grid"), gettext("Code"), gettext("Households"), gettext("of these from the same grid"), gettext("Straight way, RMS (m)"),
        gettext("Way to the farthest door (m)"), gettext("Rounds with the ways, hours a week"),
    ]  # fmt: skip
    sheet.table(
        gettext("Grids of the plan"), header, rows, widths=(24, 22, 9, 12, 12, 14, 12), words_in=(0, 1)
    )


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "" if value is None else str(value)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


class _Sheet:
    """A4 pages from top to bottom."""

    def __init__(self) -> None:
        # The library brings a font's tables along, which who prints nothing need not load.
        from fpdf import FPDF
        from pylopdf_fonts_zh_cn import sans_path

        class Numbered(FPDF):
            def footer(self) -> None:
                self.set_y(-12)
                self.set_font(_FONT, size=8)
                self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="C")

        self.pdf: FPDF = Numbered(format="A4")
        self.pdf.set_margin(_MARGIN)
        self.pdf.set_auto_page_break(auto=True, margin=_MARGIN + 3)
        self.pdf.add_font(_FONT, "", sans_path())
        self.pdf.set_font(_FONT, size=10)
        self.pdf.set_lang(get_language() or "zh")
        self.pdf.add_page()

    def title(self, kind: str, area: str, name: str) -> None:
        self._write(f"{kind} · {area}", size=10)
        self._write(name, size=18)

    def heading(self, text: str) -> None:
        self.pdf.ln(_GAP / 2)
        self._write(text, size=13)

    def line(self, text: str, *, small: bool = False) -> None:
        self._write(text, size=8 if small else 10)

    def _write(self, text: str, *, size: int) -> None:
        self.pdf.set_font(_FONT, size=size)
        self.pdf.multi_cell(0, size * 0.5, self._known(text), new_x="LMARGIN", new_y="NEXT")
        self.pdf.ln(1)

    def _known(self, text: str) -> str:
        glyphs = self.pdf.fonts[_FONT].cmap  # type: ignore[union-attr] # a font that was added has its letters
        return "".join(letter if ord(letter) in glyphs or letter == "\n" else _UNKNOWN for letter in text)

    def table(
        self,
        title: str,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        widths: Sequence[int],
        words_in: Sequence[int] = (0,),
    ) -> None:
        """Columns of words begin on the left, those of figures end on the right."""
        from fpdf.fonts import FontFace

        self.heading(title)
        self.pdf.set_font(_FONT, size=8)
        grey = FontFace(emphasis="", fill_color="#e8eeea")
        aligned = ["LEFT" if at in words_in else "RIGHT" for at in range(len(header))]
        self.pdf.set_draw_color(190)
        with self.pdf.table(
            col_widths=tuple(widths),
            text_align=tuple(aligned),
            headings_style=grey,
            line_height=4.2,
            padding=0.8,
            borders_layout="HORIZONTAL_LINES",
        ) as drawn:
            for cells in (header, *rows):
                row = drawn.row()
                for cell in cells:
                    row.cell(self._known(cell))

    def maps(self, pictures: Sequence[Map]) -> None:
        """Beside one another, with the names of what has room for one."""
        wide = (self.pdf.epw - _GAP) / 2
        top, left = self.pdf.get_y(), self.pdf.l_margin
        for at, picture in enumerate(pictures):
            self._map(picture, left + at * (wide + _GAP), top, wide / picture.width)
        if pictures:
            self.pdf.set_xy(left, top + wide * pictures[0].height / pictures[0].width + 6)

    def _map(self, picture: Map, left: float, top: float, scale: float) -> None:
        for shape in picture.shapes:
            hue = (
                _HUES[int(shape.kind.rpartition("-")[2]) % len(_HUES)] if "hue-" in shape.kind else "#f9faf8"
            )
            with self.pdf.new_path() as path:
                path.style.fill_color, path.style.fill_opacity = hue, 0.35
                path.style.stroke_color, path.style.stroke_width = "#2b3a33", 0.2
                path.style.intersection_rule = "evenodd"
                for ring in shape.outline.split("M")[1:]:
                    numbers = [float(each) for each in _NUMBER.findall(ring)]
                    for place, (x, y) in enumerate(zip(numbers[::2], numbers[1::2], strict=True)):
                        go = path.line_to if place else path.move_to
                        go(left + x * scale, top + y * scale)
                    path.close()
        self.pdf.set_draw_color(0)
        self.pdf.set_font(_FONT, size=6)
        for shape in picture.shapes:
            if shape.label:
                name = self._known(shape.name)
                x, y = shape.label
                self.pdf.text(left + x * scale - self.pdf.get_string_width(name) / 2, top + y * scale, name)
        self.pdf.set_font(_FONT, size=8)
        self.pdf.text(
            left, top + picture.height * scale + 4, self._known(f"{picture.title} · {picture.scale_words}")
        )
        with self.pdf.local_context(line_width=0.5):
            ends = left + picture.scale_length * scale
            self.pdf.line(left, top + picture.height * scale, ends, top + picture.height * scale)

    def signatures(self, names: Sequence[str]) -> None:
        self.pdf.ln(_GAP * 2)
        self.pdf.set_font(_FONT, size=10)
        for name in names:
            self.pdf.cell(self.pdf.epw / len(names), 12, self._known(f"{name}: ____________"))
        self.pdf.ln(14)

    def written(self, *, title: str) -> bytes:
        self.pdf.set_title(title)
        self.pdf.set_creator("Wangge")
        return bytes(self.pdf.output())
