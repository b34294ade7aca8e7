"""Nobody is told how many visits or cases there must be, and nobody's are counted (`product.md`, B8): no quota stands in the
database, in what is shipped or on a screen, and no kept sum has a column for a person.
"""

import re
from pathlib import Path

import pytest
from tests.house.test_nobody_is_ranked import SOURCE, texts_of

from wangge.project import messages

WEB = Path(__file__).parents[2] / "web"
#: Columns by which something could be counted for each worker.
PERSON = re.compile(r"(^|_)(account|actor|worker|handler|by|person|reporter|uploader|resident)(_id)?$")
NAMES = re.compile(r"(^|[_.])(quota|quotas|norm|norms|kpi|minimum_visits|least_visits|least_cases)($|[_.])")
SENTENCES = re.compile(
    r"\bquotas?\b(?! (?:of|for) questions)|\b(?:at least|no fewer than|a minimum of) \w+ (?:visits?|cases|reports) (?:a|per|each) (?:day|week|month)\b"
    r"|(?:每人|每名|人均)?每[日天周月](?:至少|不少于|最少|须|应)[^，。]{0,8}(?:走访|上报|巡查|入户)"
    r"|(?:走访|上报|巡查|入户|事件)(?:定额|指标数|任务数|考核|达标数)",
    re.IGNORECASE,
)


def columns_of(connection):
    found = connection.execute(
        "select c.relname, a.attname, a.atttypid::regtype::text from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped"
    ).fetchall()
    assert len(found) > 300, "the schema was not read"
    return found


def counted_people(connection):
    """Columns of kept sums that name somebody."""
    sums = [each for each in columns_of(connection) if re.search("sum$|tally$", each[0])]
    assert {"visits_sum", "visits_duesum", "cases_tally"} <= {table for table, _column, _kind in sums}
    return [f"{table}.{column}" for table, column, kind in sums if PERSON.search(column) and kind != "date"]


def quotas_named(connection):
    named = [f"{table}.{column}" for table, column, _kind in columns_of(connection)]
    return [each for each in named if NAMES.search(each)]


def quotas_told(text):
    return [found[0] for found in SENTENCES.finditer(text)]


def test_no_kept_sum_names_a_person(town):
    assert counted_people(town.owner) == []


def test_no_table_keeps_a_quota(town):
    assert quotas_named(town.owner) == []


def test_no_text_sets_a_quota():
    shipped = [
        (file.name, text)
        for file in sorted(SOURCE.rglob("*"))
        if file.suffix in (".csv", ".toml", ".xlsx")
        and not {"built", "locale", "__pycache__"} & set(file.parts)
        for text in texts_of(file)
    ]
    screens = [(where, key[1]) for where, key, _plural in messages.found()]
    screens += [
        ("Chinese", text)
        for message in messages.catalogue()
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    phones = [
        (file.name, line)
        for file in (WEB / "field/words/zh.ts", WEB / "field/words/en.ts")
        for line in file.read_text("utf-8").splitlines()
    ]
    assert min(map(len, (shipped, screens, phones))) > 500
    assert [(where, text) for where, text in (*shipped, *screens, *phones) if quotas_told(text)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "alter table visits_sum add column account_id bigint",
        "create table planted_tally (id integer, handler_id bigint)",
        "create table planted (visit_quota integer)",
    ],
)
def test_a_planted_one_is_found(town, planted):
    town.owner.execute(planted)
    assert counted_people(town.owner) + quotas_named(town.owner) != []
    town.owner.rollback()


@pytest.mark.parametrize(
    "text",
    ["At least twenty visits a day", "Your quota of cases", "每日至少走访十户", "走访任务数", "每月不少于两次入户", "事件考核"],
)  # fmt: skip
def test_it_knows_such_words(text):
    assert quotas_told(text)


@pytest.mark.parametrize(
    "text", ["每户每年至少走访一次", "At most twenty visits fit on a sheet", "三次走访", "事件数"]
)
def test_what_a_household_is_due_and_what_was_done_is_no_quota(text):
    assert not quotas_told(text)
