"""The list as a file: the same filters and columns, written while it is sent."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import Invalid
from wangge.base.tables.writing import Cell, stream_csv, stream_xlsx
from wangge.cases import actions
from wangge.doors.console import words
from wangge.doors.console.columns import COLUMNS, Column, Named, chosen
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.asking import asked_of
from wangge.doors.console.pages.queues import columns_named
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import screen
from wangge.doors.console.pages.views import query_posted
from wangge.staff import queries as staff

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@sent_from("console:queues")
@screen
def export(request: HttpRequest, viewer: Viewer) -> HttpResponseBase:
    """Begins the file at once, however many rows follow."""
    kind = request.POST.get("kind", "")
    if kind not in _KINDS:
        raise Invalid(field="kind", expected=", ".join(_KINDS))
    asked = asked_of(query_posted(request), usual="open")
    names = [
        name for name in dict.fromkeys(request.POST.getlist("column")) if name in COLUMNS and name != "number"
    ]
    columns = chosen(["number", *(names or ["title"])])
    now, export_id = clock.now(), new_id()
    filters = asked.filters(now)
    actions.begin_export(
        viewer, export_id, filters=filters, kind=kind, columns=[column.name for column in columns], now=now
    )
    header = [*columns_named(columns), _("Id")]
    body = _Written(viewer, export_id, filters, columns, _more())
    title = words.label(words.QUEUES, asked.queue)
    if kind == "csv":
        pieces = stream_csv(header, body)
    else:
        pieces = stream_xlsx(header, body, sheet=title[:31], last_line=_more())
    response = StreamingHttpResponse(pieces, content_type=_KINDS[kind])
    name = f"{title}-{now.astimezone(SHANGHAI):%Y%m%d-%H%M}.{kind}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    if kind == "xlsx":
        response["Content-Encoding"] = "identity"  # it is compressed already
    return response


def _more() -> str:
    return _("There are more rows than {most}. Ask for a shorter time to have the others.").format(
        most=f"{actions.MOST_EXPORTED:,}"
    )


class _Written:
    """The rows of the file. Names are looked up once for each code, and kept: a county has some hundreds."""

    def __init__(
        self, viewer: Viewer, export_id: UUID, filters: Any, columns: Sequence[Column], more: str
    ) -> None:
        self._account = viewer.account_id or 0
        self._export, self._filters, self._columns, self._more = export_id, filters, columns, more
        self._language = translation.get_language() or ""
        self._now = clock.now()
        self._items: dict[int, str] = {}
        self._areas: dict[str, str] = {}
        self._people: dict[int, str] = {}
        self._departments: dict[str, str] = {}

    def __iter__(self) -> Iterator[list[Cell]]:
        cells = [column.value for column in self._columns]
        chunks = actions.exported_cases(self._account, self._export, filters=self._filters)
        try:
            for cases, more in chunks:
                # The request's language has ended with it; nobody else's must be left behind between two pieces.
                with translation.override(self._language):
                    named = self._named(cases)
                    rows = [[*[cell(case, named) for cell in cells], str(case.id)] for case in cases]
                yield from rows
                if more:
                    yield [self._more]
        finally:
            chunks.close()  # type: ignore[attr-defined]  # a generator, whose transaction ends here

    def _named(self, cases: Iterable[Any]) -> Named:
        wanted = {column.name for column in self._columns}
        if wanted & {"title", "item"}:
            self._learn(self._items, {case.item_version_id for case in cases}, lookups.item_names)
        if "place" in wanted:
            self._learn(
                self._areas, {code for case in cases for code in case.path.split(".")[1:]}, lookups.area_names
            )
        if "holder" in wanted:
            self._learn(
                self._areas, {case.holder_path.rsplit(".", 1)[-1] for case in cases}, lookups.area_names
            )
        if "hands" in wanted:
            self._departments = self._departments or lookups.department_names()
            self._learn(self._people, {case.handler_id for case in cases} - {None}, staff.names_of)
        return Named(self._now, self._items, self._areas, self._departments, self._people)

    @staticmethod
    def _learn(known: dict[Any, str], asked: set[Any], look_up: Any) -> None:
        if unknown := asked - known.keys():
            known.update(dict.fromkeys(unknown, "") | look_up(unknown))
