"""A case on a border is noted for each grid that shares it; what is said about a case is noted as its change."""

from importlib import import_module

from django.db import migrations

touching = import_module("wangge.sync.migrations.0003_touched").touching


def _places(case: str) -> str:
    """Where a case concerns phones: where it lies, and in the grids whose border it lies on."""
    return (
        f"unnest(array_prepend({case}.path, array(select a.path from areas_area a"
        f" where a.code = any ({case}.border_ids))))"
    )


_OF_CASE = (
    f"unnest(array(select {_places('c')} from cases_case c where c.id = r.case_id and not c.confidential))"
)

SQL = (
    "".join(
        f"drop trigger cases_case_touched_case_{event} on cases_case;\n"
        for event in ("insert", "update", "delete")
    )
    + touching("cases_case", "case", path=_places("r"), fit="not r.confidential")
    + touching("cases_note", "case", key="r.case_id", path=_OF_CASE)
)


class Migration(migrations.Migration):
    dependencies = [("sync", "0007_plants"), ("cases", "0005_desk_policies"), ("areas", "0002_policies")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
