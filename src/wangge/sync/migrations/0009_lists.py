"""Of a list that is taken in, phones are told by place and not by record: they do better to take that place anew."""

from importlib import import_module

from django.db import migrations

_BEFORE = import_module("wangge.sync.migrations.0003_touched").FUNCTION
_MANY = "having count(*) > 500"

# `wangge.list` is set for its transaction by whoever takes in a list of thousands of rows.
FUNCTION = _BEFORE.replace("create function", "create or replace function").replace(
    _MANY, f"{_MANY} or current_setting('wangge.list', true) = 'on'"
)


class Migration(migrations.Migration):
    dependencies = [("sync", "0008_borders")]
    operations = [
        migrations.RunSQL(FUNCTION, _BEFORE.replace("create function", "create or replace function"))
    ]
