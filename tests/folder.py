"""Loaded before the settings are (`-p tests.folder`): a data folder of its own for each test process, also xdist's."""

import os
import tempfile
from pathlib import Path

DATA = Path(tempfile.mkdtemp(prefix="wangge-test-"))
(DATA / "static").mkdir()
os.environ["WANGGE_DATA"] = str(DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "wangge.project.settings"
os.environ.pop("DATABASE_URL", None)
