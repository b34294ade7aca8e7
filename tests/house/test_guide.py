"""The guide knows every setting and every command, and nothing that is not there: what is undocumented is not found."""

import argparse
import re
from pathlib import Path

from wangge.project.cli import parser

ROOT = Path(__file__).parents[2]


def commands(of: argparse.ArgumentParser, words: tuple[str, ...] = ("wangge",)):
    """Every command with the options that it takes."""
    groups = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield (
            " ".join(words),
            {name for action in of._actions for name in action.option_strings} - {"-h", "--help"},
        )
    for group in groups:
        for name, below in group.choices.items():
            yield from commands(below, (*words, name))


def test_every_setting_is_in_the_guide_and_no_other():
    read = set()
    for file in (ROOT / "src").rglob("*.py"):
        read |= set(
            re.findall(r"[\"'](WANGGE_[A-Z0-9_]+|DATABASE_URL)[\"']", file.read_text(encoding="utf-8"))
        )
    table = re.findall(
        r"^\| `([A-Z0-9_]+)`", (ROOT / "docs/guide/settings.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert read == set(table)


def test_every_command_is_in_the_guide_and_no_other():
    text = (ROOT / "docs/guide/commands.md").read_text(encoding="utf-8")
    assert {name for name, _ in commands(parser())} == set(
        re.findall(r"^## (wangge .+)$", text, re.MULTILINE)
    )


def test_every_option_is_in_the_guide():
    text = (ROOT / "docs/guide/commands.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")}
    for name, options in commands(parser()):
        assert [option for option in options if option not in sections[name]] == [], name
