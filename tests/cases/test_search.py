"""The database's search tokens are those of `base.text`, character for character."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wangge.base.text import bigrams

WORDS = st.text(
    alphabet=st.one_of(
        st.sampled_from("路灯不亮电梯AbcＡ１ 。,é𠀀豈 "), st.characters(exclude_categories=["Cs", "Cc"])
    ),
    max_size=60,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(WORDS)
def test_the_index_and_the_query_agree_on_tokens(owner, text):
    (found,) = owner.execute("select cases_bigrams(%s)", [text]).fetchone()
    assert sorted(found) == sorted(set(bigrams(text)))
