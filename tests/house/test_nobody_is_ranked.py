"""Nothing in the product says what a person is worth or how dangerous they are: no score, no rank, no tag, no list of people to watch.

Walked over: every table, column, kept rule and comment of the database; every choice that a column offers; everything
that is shipped (catalogue, posts, forms, rules); every text that a screen shows, in both languages; every template.
Work may be urgent, a house unsafe and an answer rated. A person is none of these. The words below are those by which
such lists are called; whoever finds another way to say it adds it here.
"""

import csv
import io
import re
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from python_calamine import CalamineWorkbook

import wangge
from wangge.project import messages

SOURCE = Path(wangge.__file__).parent
SHIPPED = (".csv", ".json", ".toml", ".txt", ".xlsx")

#: Parts of a name in the database: `risk_level` has the parts risk and level.
NAMES = frozenset(
    [
        "score",
        "scores",
        "scored",
        "scoring",
        "rank",
        "ranks",
        "ranked",
        "ranking",
        "grade",
        "graded",
        "grading",
        "danger",
        "dangerous",
        "risk",
        "risks",
        "risky",
        "threat",
        "suspicious",
        "blacklist",
        "whitelist",
        "watchlist",
        "watchlisted",
        "reputation",
        "credit",
        "credits",
        "trust",
        "trusted",
        "trustworthy",
        "tag",
        "tags",
        "tagged",
        "stars",
        "merit",
        "merits",
        "demerit",
        "worth",
        "integrity",
        "profile",
        "profiling",
        "persona",
        "dossier",
        "priority_person",
        "key_person",
    ]
)
#: Names that have such a part and tell of no person. Each says what it is.
NO_PERSON: dict[str, str] = {}

_PEOPLE = (
    r"(?:persons?|people|individuals?|residents?|households?|families|family|citizens?|inhabitants?|tenants?)"
)
_PEOPLE_ZH = "(?:人员|人群|人口|人物|人士|对象|居民|村民|群众|住户|租户|家庭|农户|户|分子)"
SENTENCES = re.compile(
    "|".join(
        (
            rf"\b(?:key|target(?:ed)?|suspicious|suspect|risky|dangerous|high[- ]risk|low[- ]risk|problem|bad|unreliable|unstable|watched|flagged|tagged|listed) {_PEOPLE}\b",
            rf"\b(?:scor|rank|grad|tagg|profil|rat)(?:e|es|ed|ing|s)? (?:of |for )?(?:a |the |each |every |all )?{_PEOPLE}\b",
            rf"\b{_PEOPLE}(?:'s|’s)? (?:scor|rank|grad|tag|profil|rating|risk|danger|worth|reputation|class\b)",
            rf"\b{_PEOPLE} (?:of|at|under) (?:concern|interest|risk|watch|suspicion)\b",
            r"\b(?:risk|danger|threat|credit|trust|reputation|loyalty|integrity|civility) (?:scor|rank|grad|level|rating|class|points?)",
            r"\b(?:black|white|red|watch)[- ]?lists?\b",
            r"\b(?:social|civil) credit\b",
            f"(?:重点|重要|特殊|可疑|嫌疑|危险|高危|高风险|低风险|风险|不稳定|不放心|问题|关注|管控|稳控|在控|列管|黑名单|失信){_PEOPLE_ZH}",
            f"{_PEOPLE_ZH}(?:等级|级别|评级|评分|打分|得分|积分|分值|排名|排行|排序|分级|定级|标签|画像|风险|信用|红黑榜|星级)",
            "(?:风险|危险|信用|诚信|文明|忠诚|危害)(?:等级|级别|评级|评分|积分|得分|分值|分数|指数|画像)",
            f"(?:星级|十星|红旗|模范|落后|后进){_PEOPLE_ZH}",
            "黑名单|红名单|灰名单|白名单|红黑榜|重点关注|重点管控|重点监控|红黄绿|红码|黄码|信用分|积分制|稳控|列管|盯防|维稳对象",
        )
    ),
    re.IGNORECASE,
)


def named_wrongly(name):
    """The parts of a name of the database that would rank somebody."""
    parts = re.split(r"[^a-z]+", name.lower())
    pairs = ["_".join(pair) for pair in pairwise(parts)]
    return [] if name in NO_PERSON else sorted(NAMES & {*parts, *pairs})


def said_wrongly(text):
    """The words in a text that would rank somebody."""
    return [found[0] for found in SENTENCES.finditer(text)]


def wrong_names(connection):
    """Of the whole schema: tables, columns, checks with the words they allow, defaults, comments, functions."""
    names = connection.execute(
        "select c.relname || coalesce('.' || a.attname, '')"
        "  from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')"
    ).fetchall()
    words = connection.execute(
        "select conrelid::regclass || ' check', pg_get_constraintdef(oid) from pg_constraint where contype = 'c'"
        "   and connamespace = 'public'::regnamespace"
        " union all select adrelid::regclass || ' default', pg_get_expr(adbin, adrelid) from pg_attrdef"
        " union all select objoid::regclass || ' comment', description from pg_description d join pg_class c on c.oid = objoid"
        "   where c.relnamespace = 'public'::regnamespace"
        " union all select enumtypid::regtype || ' value', enumlabel from pg_enum"
    ).fetchall()
    assert len(names) > 300, "the schema was not read"
    return [(name, wrong) for (name,) in names if (wrong := named_wrongly(name))] + [
        (where, wrong) for where, text in words if (wrong := [*named_wrongly(text), *said_wrongly(text)])
    ]


def wrong_choices(models):
    """Of the columns as the program has them: choices, words for people, help."""
    return [
        (str(field), wrong)
        for model in models
        for field in model._meta.get_fields()
        for text in _told_of(field)
        if (wrong := [*named_wrongly(text), *said_wrongly(text)])
    ]


def _told_of(field):
    yield field.name
    for code, label in getattr(field, "flatchoices", None) or ():
        yield from (str(code), str(label))
    yield from (str(getattr(field, "verbose_name", "")), str(getattr(field, "help_text", "")))


def wrong_shipped(folder):
    """Of the files that are shipped: each cell and each line."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.suffix in SHIPPED and not {"built", "locale", "__pycache__"} & set(file.parts):
            found += [
                (f"{file.name}: {text[:60]}", wrong)
                for text in texts_of(file)
                if (wrong := said_wrongly(text))
            ]
    return found


def texts_of(file):
    if file.suffix == ".xlsx":
        with CalamineWorkbook.from_path(str(file)) as book:
            return [
                str(cell)
                for name in book.sheet_names
                for row in book.get_sheet_by_name(name).to_python()
                for cell in row
            ]
    text = file.read_text("utf-8")
    if file.suffix == ".csv":
        return [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    return text.splitlines()


def test_the_database_has_no_name_that_ranks_people(town):
    assert wrong_names(town.owner) == []


def test_no_column_offers_a_choice_that_ranks_people():
    assert wrong_choices(apps.get_models()) == []


def test_nothing_that_is_shipped_ranks_people():
    """Catalogue, departments, posts, rules, forms, the sample city."""
    assert wrong_shipped(SOURCE) == []


def test_no_text_on_a_screen_ranks_people():
    told = [(where, key[1]) for where, key, _plural in messages.found()]
    told += [
        ("Chinese", each)
        for message in messages.catalogue()
        for each in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    phones = Path(__file__).parents[2] / "web/field"
    for file in (*phones.glob("words/*.ts"), *phones.rglob("*.vue")):
        told += [(file.name, line) for line in file.read_text("utf-8").splitlines()]
    assert len(told) > 800
    assert {"zh.ts", "en.ts", "visit.vue"} <= {where for where, _text in told}
    assert [(where, text) for where, text in told if said_wrongly(text)] == []


def test_no_template_ranks_people():
    templates = list(SOURCE.rglob("*.html"))
    assert len(templates) > 50
    assert [
        (file.name, wrong) for file in templates if (wrong := said_wrongly(file.read_text("utf-8")))
    ] == []


@pytest.mark.parametrize(
    "planted",
    [
        "create table planted (resident_score integer)",
        "create table planted_watchlist (id integer)",
        "create table planted (kind text check (kind in ('usual', 'key_person')))",
        "create table planted (risk_level smallint default 1)",
        "create table planted (id integer); comment on table planted is '重点人员'",
        "create table planted (kind text default '重点人员')",
    ],
)
def test_a_planted_column_is_found(town, planted):
    for statement in planted.split(";"):
        town.owner.execute(statement)
    assert wrong_names(town.owner) != []
    town.owner.rollback()


def test_a_planted_choice_is_found():
    from django.db import models

    class Planted:
        class _meta:  # noqa: N801 - Django's name
            @staticmethod
            def get_fields():
                field = models.CharField(choices=[("a", "普通"), ("b", "高风险人员")])
                field.set_attributes_from_name("kind")
                return [field]

    assert [wrong for _field, wrong in wrong_choices([Planted])] == [["高风险人员"]]


def test_a_planted_item_of_the_catalogue_is_found(tmp_path):
    (tmp_path / "items.csv").write_text("code,zh,en\nS01-01,重点人员走访,Visit to key persons\n", "utf-8")
    assert [wrong for _where, wrong in wrong_shipped(tmp_path)] == [["重点人员"], ["key persons"]]


@pytest.mark.parametrize(
    "text",
    [
        "Risk score of the household", "Rank residents by danger", "The resident's rating", "Key people of this grid",
        "On the watchlist", "People of concern", "居民积分", "住户风险等级", "人员标签", "信用等级", "列入黑名单", "重点关注",
        "星级文明户评分：农户得分", "家庭画像", "危险人员",
    ],
)  # fmt: skip
def test_it_knows_such_words(text):
    assert said_wrongly(text)


@pytest.mark.parametrize(
    "text",
    [
        "Rate the answer", "The urgency of a case", "Dangerous building", "危房等级鉴定", "火灾风险隐患", "办理满意度评分",
        "Households with a vegetable plot", "People", "紧急程度", "房屋安全等级", "Care need of a resident", "关爱需求",
    ],
)  # fmt: skip
def test_work_and_things_may_be_urgent_unsafe_or_rated(text):
    assert not said_wrongly(text)


def test_the_owner_reads_the_whole_schema(cluster):
    """The walk would find nothing at all as somebody who sees no table."""
    with psycopg.connect(cluster.dsn("wangge_owner")) as connection:
        tables = {row[0] for row in connection.execute("select relname from pg_class where relkind = 'r'")}
    assert {"cases_case", "households_compound", "staff_account"} <= tables
