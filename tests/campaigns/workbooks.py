"""Workbooks of forms for tests, made here; and real ones that lie beside this file."""

import io
from datetime import datetime
from pathlib import Path

import xlsxwriter

FORMS = Path(__file__).parent / "forms"

SURVEY = [
    ("type", "name", "label::中文 (zh)", "label::English (en)", "required", "relevant", "constraint", "constraint_message::中文 (zh)", "calculation", "choice_filter"),
    ("note", "hello", "您好,我们来看看菜地", "Hello, we look at the plot", "", "", "", "", "", ""),
    ("select_one yes_no", "has_plot", "有没有菜地", "Is there a plot?", "yes", "", "", "", "", ""),
    ("begin_group", "plot", "菜地", "Plot", "", "${has_plot} = 'yes'", "", "", "", ""),
    ("integer", "size", "多少平方米", "How many square metres?", "yes", "", ". > 0 and . <= 10000", "面积在1到10000之间", "", ""),
    ("begin_repeat", "crop", "作物", "Crop", "", "", "", "", "", ""),
    ("text", "kind", "种了什么", "What grows?", "yes", "", "", "", "", ""),
    ("decimal", "share", "占几成", "Share", "", "", ". >= 0 and . <= 10", "0到10", "", ""),
    ("end_repeat", "", "", "", "", "", "", "", "", ""),
    ("calculate", "crops", "", "", "", "", "", "", "count(${crop})", ""),
    ("end_group", "", "", "", "", "", "", "", "", ""),
    ("select_multiple seen", "seen", "看到了什么", "What was seen?", "", "", "", "", "", ""),
    ("image", "photo", "拍照", "Photo", "", "selected(${seen}, 'odd')", "", "", "", ""),
    ("date", "sown", "哪天种的", "Sown on", "", "", ". <= today()", "不能晚于今天", "", ""),
]  # fmt: skip
#: What can be asked besides: a place, a recording, an order of choices.
MORE = [
    ("geopoint", "spot", "在哪里", "Where is it?", "", "", "", "", "", ""),
    ("audio", "voice", "住户怎么说", "What was said?", "", "", "", "", "", ""),
    ("rank seen", "order", "先看哪个", "Which first?", "", "", "", "", "", ""),
]
CHOICES = [
    ("list_name", "name", "label::中文 (zh)", "label::English (en)"),
    ("yes_no", "yes", "有", "Yes"),
    ("yes_no", "no", "没有", "No"),
    ("seen", "fine", "一切正常", "All fine"),
    ("seen", "odd", "有可疑植物", "An odd plant"),
]


def workbook(survey=SURVEY, choices=CHOICES, settings=(("form_title", "version"), ("菜地踏查", "1"))):
    """The bytes of an .xlsx file with these rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.set_properties({"created": datetime(2026, 4, 1)})  # the same rows are the same bytes
        for name, rows in (("survey", survey), ("choices", choices), ("settings", settings)):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return out.getvalue()
