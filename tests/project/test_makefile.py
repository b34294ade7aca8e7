"""What a bare machine hears: one clear sentence about what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.project.program import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path):
    for name in ("Makefile", "pyproject.toml", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(clone, *arguments):
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run(
        ["make", "-C", clone, *arguments],
        env=kept,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def fake_python(clone, body):
    """A program that answers as some Python would."""
    file = clone / "python"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return f"PYTHON={file}"


def told(done):
    """What was said, without make's own line about it."""
    return [line for line in done.stderr.splitlines() if not line.startswith("make")]


@pytest.mark.parametrize("target", ["demo", "test", "check", "setup"])
def test_a_python_that_is_too_old_is_named(clone, target):
    done = make(clone, target, fake_python(clone, 'case "$1" in -V) echo "Python 3.9.2";; *) exit 1;; esac'))
    assert done.returncode != 0
    assert len(told(done)) == 1
    assert "needs Python 3.11 or newer" in told(done)[0]
    assert "is Python 3.9.2" in told(done)[0]


def test_a_missing_python_is_named(clone):
    done = make(clone, "demo", "PYTHON=python-that-is-not-there")
    assert done.returncode != 0
    assert len(told(done)) == 1
    assert "python-that-is-not-there was not found" in told(done)[0]


def test_a_python_without_venv_names_the_package(clone):
    done = make(clone, "demo", fake_python(clone, 'case "$2" in *venv*) exit 1;; esac'))
    assert done.returncode != 0
    assert len(told(done)) == 1
    assert "apt install python3-venv" in told(done)[0]


def test_help_lists_every_target_of_the_guide(clone):
    done = make(clone, "help")
    listed = {line.split("\t")[0] for line in done.stdout.splitlines()}
    assert {"setup", "demo", "test", "check", "bench", "replay"} <= listed


def test_a_replay_without_a_file_says_how(clone):
    (clone / ".venv").mkdir()
    stamp = clone / ".venv" / ".setup-stamp"
    stamp.write_text("")
    os.utime(stamp, (4e9, 4e9))
    done = make(clone, "replay")
    assert done.returncode != 0
    assert told(done) == ["Name the file: make replay FILE=requests.csv"]
