"""The sample catalogue is complete and honest; suggestions and deadlines keep their promises. No Django, no database."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wangge.catalogue.rules import items as rules
from wangge.catalogue.rules.items import Fault, Suggestion, check_item_row, deadline_minutes, suggest_items

DATA = Path(rules.__file__).parents[1] / "data"
WORKING_WEEK = 5 * 420


def table(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


ITEMS = table("items.csv")
DEPARTMENTS = table("departments.csv")
KEYWORDS = {item["code"]: item["keywords"].split() for item in ITEMS}
GOOD = ITEMS[0]


# The data


def test_there_are_enough_items_of_all_three_businesses():
    assert len(ITEMS) >= 110
    per_business = Counter(item["business"] for item in ITEMS)
    assert set(per_business) == {"safety", "management", "service"}
    assert min(per_business.values()) >= 30


def test_codes_and_names_are_unique_and_rows_are_in_order_of_code_within_a_business():
    for column in ("code", "zh", "en"):
        assert max(Counter(item[column] for item in ITEMS).values()) == 1, column
    for letter in "SMV":
        codes = [item["code"] for item in ITEMS if item["code"].startswith(letter)]
        assert codes == sorted(codes)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["code"])
def test_the_check_finds_nothing_wrong_with_a_row_of_the_sample_list(item):
    assert check_item_row(item) == []
    assert item["zh"] != item["en"]


def test_the_header_is_what_the_check_knows():
    assert [*GOOD] == [*rules._COLUMNS]


def test_every_department_of_an_item_exists_and_every_department_has_an_item():
    assert {item["department"] for item in ITEMS} == {row["code"] for row in DEPARTMENTS}


def test_departments_are_whole_and_fit_the_database():
    assert [*DEPARTMENTS[0]] == ["code", "zh", "en", "supervises"]
    assert max(Counter(row["code"] for row in DEPARTMENTS).values()) == 1
    for row in DEPARTMENTS:
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,29}", row["code"])
        assert 0 < len(row["zh"]) <= 60
        assert 0 < len(row["en"]) <= 80
        assert row["zh"] != row["en"]
        assert row["supervises"]


def test_a_group_is_named_alike_in_all_its_rows():
    names = {(item["group"], item["business"], item["group_zh"], item["group_en"]) for item in ITEMS}
    assert len(names) == len({item["group"] for item in ITEMS})


def test_no_keyword_points_to_two_items():
    shared = Counter(word for words in KEYWORDS.values() for word in words)
    assert [word for word, count in shared.items() if count > 1] == []


def test_all_items_together_fit_into_a_working_week_of_one_grid_worker():
    assert sum(int(item["minutes_per_week"]) for item in ITEMS) <= WORKING_WEEK


def test_every_kind_of_summons_and_proof_occurs():
    assert {item["proof"] for item in ITEMS} == {"none", "photo", "witness"}
    assert {item["summons"] for item in ITEMS} == {"", "emergency", "enforcement", "nobody"}


PERSONS_SCORED = re.compile(
    "评分|打分|积分|信用(?!卡)|排名|黑名单|重点人|监控|管控|稳控|人脸|画像|风险等级|可疑人"
    "|scor|credit|rank|blacklist|watch|surveil|profil|suspicious person|face recognition",
    re.IGNORECASE,
)


def test_no_item_scores_ranks_or_watches_persons():
    columns = ("zh", "en", "group_zh", "group_en", "keywords", "data_collected")
    found = [
        (item["code"], column) for item in ITEMS for column in columns if PERSONS_SCORED.search(item[column])
    ]
    assert found == []


CONFIDENTIAL_SUBJECTS = ("家暴", "未成年人受害", "精神病", "毒品", "罂粟", "夫妻", "欺凌", "医疗纠纷")


@pytest.mark.parametrize("word", CONFIDENTIAL_SUBJECTS)
def test_what_must_stay_confidential_is(word):
    (item,) = (item for item in ITEMS if word in item["keywords"].split())
    assert item["confidential"] == "1"
    assert item["proof"] != "photo"


def test_no_item_asks_for_identity_numbers_or_passwords():
    for item in ITEMS:
        asked = item["data_collected"].split("(不")[0]
        assert not re.search("身份证号|证件号码|密码|银行卡号", asked), item["code"]


# The check of a row


PLANTED = {
    "code": ["", "X01-01", "S1-01", "S01-1", "s01-01", "S01-01 ", "S0١-01"],
    "business": ["", "Safety", "security"],
    "group": ["", "S1", "S001"],
    "group_zh": ["", "Fire", "消" * 41, " 消防"],
    "group_en": ["", "消防", "F" * 61],
    "zh": ["", "Fire", "火" * 61, "火\x00"],
    "en": ["", "火", "F" * 91, "Fire\n"],
    "keywords": [
        "",
        "路灯 灯杆",
        "路灯 路灯 灯杆 照明",
        "灯 灯杆 照明",
        "灯" * 21 + " 灯杆 照明",
        "KTV ＫＴＶ 歌厅",
    ],
    "department": ["", "Fire", "消防", "f" * 31, "fire dept"],
    "first_tier": ["", "city", "village"],
    "urgency_levels": ["", "soon", "normal normal", "normal,urgent"],
    "accept_minutes": ["", "29", "-60", "1.5", "１２０", "1e3", "126001"],
    "handle_minutes": ["", "0", "one", "9999999"],
    "verify_minutes": ["", "0", "1 0"],
    "urgent_percent": ["", "0", "101", "50%"],
    "emergency_percent": ["", "0", "101"],
    "proof": ["", "photos"],
    "confidential": ["", "yes", "2"],
    "summons": ["fire", "Emergency", " "],
    "retention_years": ["", "0", "101", "forever"],
    "legal_basis": ["", "消防法", "《法》", "Local duty list", "《" + "法" * 300 + "》"],
    "data_collected": ["", "where", "地" * 301],
    "minutes_per_case": ["", "0", "2101"],
    "minutes_per_week": ["", "-1", "2101"],
    "common_weight": ["", "0", "101"],
    "rainy": ["", "2"],
    "winter": ["", "true"],
    "night": ["", "-1"],
}


def test_every_column_has_planted_faults():
    assert [*PLANTED] == [*GOOD]


@pytest.mark.parametrize(
    ("column", "value"), [(c, value) for c, values in PLANTED.items() for value in values]
)
def test_a_planted_fault_is_found_at_its_column_and_nowhere_else(column, value):
    (fault,) = check_item_row(GOOD | {column: value})
    assert (fault.column, fault.value) == (column, value)
    assert fault.expected


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"code": "S02-01"}, "code"),
        ({"business": "service"}, "group"),
        ({"urgent_percent": "10", "emergency_percent": "11"}, "emergency_percent"),
        ({"proof": "photo", "confidential": "1"}, "proof"),
    ],
)
def test_columns_that_contradict_each_other_are_found(changes, column):
    assert [fault.column for fault in check_item_row(GOOD | changes)] == [column]


def test_a_row_without_columns_has_a_fault_for_each_that_must_not_be_empty():
    assert [fault.column for fault in check_item_row({})] == [
        column for column in GOOD if column != "summons"
    ]


def test_all_faults_of_a_row_are_told_at_once_in_the_order_of_the_columns():
    faults = check_item_row(GOOD | {"night": "x", "code": "?", "proof": "y"})
    assert [(fault.column, fault.value) for fault in faults] == [
        ("code", "?"),
        ("proof", "y"),
        ("night", "x"),
    ]
    assert isinstance(faults[0], Fault)


def test_an_emergency_may_be_the_default():
    assert check_item_row(GOOD | {"urgency_levels": "emergency urgent"}) == []


@given(st.dictionaries(st.sampled_from([*GOOD]), st.text()))
def test_whatever_stands_in_the_cells_gets_an_answer_that_names_them(cells):
    row = GOOD | cells
    for fault in check_item_row(row):
        assert fault.value == row[fault.column]


# Suggestions

SPOKEN = {
    "楼下的路灯不亮已经三天了": "M03-01",
    "电梯困人了快来": "S04-04",
    "井盖丢了很危险": "M03-03",
    "广场舞的音响太吵": "M05-02",
    "老板拖欠工资不给": "V04-01",
    "有人在楼道里飞线充电": "S01-02",
    "孩子上学报名怎么办": "V02-03",
    "医保怎么报销": "V03-01",
    "发现几株罂粟": "S09-06",
    "树倒了把路挡住": "M06-01",
    "附近买菜不方便": "V05-01",
    "家里闻到煤气味": "S02-01",
    "ｋｔｖ深夜唱歌": "M05-03",
}


@pytest.mark.parametrize(("text", "code"), SPOKEN.items())
def test_a_residents_words_find_the_item(text, code):
    assert suggest_items(text, KEYWORDS)[0].code == code


@pytest.mark.parametrize("code", KEYWORDS)
def test_an_items_own_keywords_find_it_first(code):
    assert suggest_items(" ".join(KEYWORDS[code]), KEYWORDS)[0].code == code


@pytest.mark.parametrize("text", ["", " \n", "……", "qwerty", "\x00"])
def test_a_text_without_keywords_gets_no_suggestion(text):
    assert suggest_items(text, KEYWORDS) == []


def test_an_empty_catalogue_or_an_item_without_keywords_suggests_nothing():
    assert suggest_items("路灯", {}) == []
    assert suggest_items("路灯", {"A": [], "B": [""]}) == []


def test_longer_words_weigh_more():
    assert [s.code for s in suggest_items("消防通道堵了", {"A": ["通道"], "B": ["消防通道"]})] == ["B", "A"]


def test_words_that_few_items_share_weigh_more():
    keywords = {"A": ["小区"], "B": ["小区", "车位"], "C": ["小区"], "D": ["电梯"]}
    first, *rest = suggest_items("小区电梯", keywords)
    assert first.code == "D"
    assert [s.code for s in rest] == ["A", "B", "C"]
    assert rest[0].score == rest[1].score


def test_a_title_counts_more_when_the_caller_repeats_it_and_each_time_less():
    def score(times):
        return suggest_items("路灯 " * times, {"A": ["路灯"]})[0].score

    assert score(1) < score(2) < score(3)
    assert score(3) - score(2) < score(2) - score(1)


def test_the_words_found_are_told_as_the_list_writes_them_heaviest_first():
    assert suggest_items("ktv和消防通道", {"A": ["ＫＴＶ", "消防通道", "电梯"]})[0].words == (
        "消防通道",
        "ＫＴＶ",
    )


def test_a_word_listed_twice_counts_once():
    once, twice = {"A": ["路灯"], "B": ["井盖"]}, {"A": ["路灯", "路灯"], "B": ["井盖"]}
    assert suggest_items("路灯", once) == suggest_items("路灯", twice)


def test_what_residents_write_is_not_kept_in_a_cache():
    suggest_items("井盖", KEYWORDS)
    before = rules._folded_word.cache_info().currsize
    for number in range(20):
        suggest_items(f"只有这一句 {number}", KEYWORDS)
    assert rules._folded_word.cache_info().currsize == before


words = st.text(alphabet="路灯电梯井盖A", min_size=1, max_size=3)
catalogues = st.dictionaries(st.sampled_from("ABCDEFGH"), st.lists(words, max_size=4), max_size=8)
texts = st.text(alphabet="路灯电梯井盖Aa ,", max_size=30)


@given(texts, catalogues, st.integers(-1, 10))
def test_suggestions_are_ranked_limited_and_explained(text, catalogue, limit):
    found = suggest_items(text, catalogue, limit=limit)
    assert len(found) <= max(limit, 0)
    assert found == sorted(found, key=lambda s: (-s.score, s.code))
    for suggestion in found:
        assert isinstance(suggestion, Suggestion)
        assert suggestion.score > 0
        assert suggestion.words
        assert set(suggestion.words) <= set(catalogue[suggestion.code])
        assert all(word.casefold() in text.casefold() for word in suggestion.words)


@given(texts, catalogues)
def test_every_item_with_a_hit_is_found_and_no_other(text, catalogue):
    expected = {c for c, ws in catalogue.items() if any(w.casefold() in text.casefold() for w in ws)}
    assert {s.code for s in suggest_items(text, catalogue, limit=99)} == expected


@given(texts, catalogues, st.randoms())
def test_the_order_of_the_catalogue_changes_nothing(text, catalogue, random):
    shuffled = [*catalogue.items()]
    random.shuffle(shuffled)
    assert suggest_items(text, catalogue) == suggest_items(text, dict(shuffled))


@given(texts, catalogues, st.integers(1, 5))
def test_a_smaller_limit_is_the_beginning_of_a_larger_one(text, catalogue, limit):
    assert suggest_items(text, catalogue, limit=limit) == suggest_items(text, catalogue, limit=99)[:limit]


@given(texts, catalogues, words)
def test_more_text_never_lowers_a_score(text, catalogue, more):
    before = {s.code: s.score for s in suggest_items(text, catalogue, limit=99)}
    after = {s.code: s.score for s in suggest_items(text + " " + more, catalogue, limit=99)}
    assert all(after[code] >= score for code, score in before.items())


# Deadlines

minutes_ = st.integers(0, 200_000)
percents = st.integers(0, 300)


@given(minutes_, percents, percents)
def test_more_urgent_is_never_later_and_nothing_is_under_half_an_hour(base, urgent, emergency):
    normal, soon, now = (
        deadline_minutes(base, urgency, urgent_percent=urgent, emergency_percent=emergency)
        for urgency in ("normal", "urgent", "emergency")
    )
    assert normal >= soon >= now >= 30
    assert normal == max(base, 30)


@given(minutes_, st.integers(1, 100), st.integers(1, 100))
def test_urgency_takes_its_percentage_rounded_up(base, urgent, emergency):
    assume(emergency <= urgent)
    soon = deadline_minutes(base, "urgent", urgent_percent=urgent, emergency_percent=emergency)
    now = deadline_minutes(base, "emergency", urgent_percent=urgent, emergency_percent=emergency)
    for minutes, percent in ((soon, urgent), (now, emergency)):
        assert minutes == 30 or (minutes - 1) * 100 < base * percent <= minutes * 100


@given(minutes_, minutes_, percents, percents, st.sampled_from(["normal", "urgent", "emergency"]))
def test_a_longer_base_is_never_an_earlier_deadline(one, other, urgent, emergency, urgency):
    shorter, longer = (
        deadline_minutes(base, urgency, urgent_percent=urgent, emergency_percent=emergency)
        for base in sorted((one, other))
    )
    assert shorter <= longer


def test_two_working_days_at_half_and_fifteen_percent():
    facts = {"urgent_percent": 50, "emergency_percent": 15}
    assert [deadline_minutes(840, u, **facts) for u in ("normal", "urgent", "emergency")] == [840, 420, 126]
    assert deadline_minutes(60, "emergency", **facts) == 30


@pytest.mark.parametrize("urgency", ["", "Urgent", "soon"])
def test_an_unknown_urgency_is_refused(urgency):
    with pytest.raises(ValueError, match="urgency must be one of"):
        deadline_minutes(60, urgency, urgent_percent=50, emergency_percent=20)
