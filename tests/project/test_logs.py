"""The log tells what failed and where, and quotes nobody."""

import logging
import sys

from wangge.project.logs import WithoutWords


def test_a_logged_failure_names_kind_and_place_and_not_its_words():
    words = "王秀英 13800000000"
    try:
        int(words)
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, "f", 1, "it failed", (), sys.exc_info()
        )
    said = WithoutWords().format(record)
    assert said.startswith("it failed\n")
    assert "test_logs.py" in said
    assert said.endswith("ValueError")
    assert "王" not in said


def test_the_programs_own_log_is_written_so(settings):
    assert settings.LOGGING["handlers"]["console"]["formatter"] == "plain"
    assert settings.LOGGING["formatters"]["plain"]["()"] == "wangge.project.logs.WithoutWords"
