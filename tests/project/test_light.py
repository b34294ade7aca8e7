"""What is not needed is not loaded: neither the program nor its web needs a compiler to start."""

import subprocess
import sys

from tests.project.program import environ, run


def test_the_version_is_said_without_anything_heavy(tmp_path):
    told = run(tmp_path, "--version", PYTHONPROFILEIMPORTTIME="1")
    assert told.returncode == 0
    assert told.stdout.startswith("wangge 0.")
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in told.stderr.splitlines()}
    assert "argparse" in loaded
    assert not loaded & {"numba", "numpy", "scipy", "django", "gridplan"}


def test_the_web_starts_without_a_compiler(tmp_path):
    code = """
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
import wangge.project.planning_route, wangge.project.planning_posts
print(sorted({"numba", "llvmlite", "pyvrp"} & set(sys.modules)), "wangge.plans.actions" in sys.modules)
"""
    asked = environ(tmp_path, DJANGO_SETTINGS_MODULE="wangge.project.settings")
    done = subprocess.run(
        [sys.executable, "-c", code], env=asked, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.split("\n")[0] == "[] True", done.stderr
