"""What dividing needs compiled is compiled in the background when the worker starts, so that nobody's page waits for it.

The library keeps what it compiled beside its code; where that cannot be written, as in an installation that somebody else owns, in the data
folder. A mark there says that this version is done, so that no compiler is loaded at the next start.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

#: Where numba keeps what it compiled; it looks at it when it is loaded.
FOLDER = "NUMBA_CACHE_DIR"


def keep_compiled(data: Path) -> None:
    """Says to whatever is loaded later where to keep it; whoever runs the installation may have said so before."""
    if FOLDER not in os.environ and not _is_writable(_library()):
        os.environ[FOLDER] = str(data / "compiled")


def is_compiled() -> bool:
    """Whether this version of the library was compiled ahead, here."""
    return _mark().exists()


@contextmanager
def compiled_ahead() -> Iterator[None]:
    """Compiles meanwhile, as a process of its own that gives way to all others, unless it was done before."""
    process = None
    if not is_compiled():
        command = [sys.executable, "-m", "gridplan.ahead", str(_mark())]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        if process:
            with suppress(ProcessLookupError):
                process.terminate()
            process.wait()


def _library() -> Path:
    found = find_spec("gridplan")
    if not found or not found.origin:
        raise AssertionError("gridplan is a part of this program")
    return Path(found.origin).parent


def _is_writable(folder: Path) -> bool:
    kept = folder / "__pycache__"
    return os.access(kept if kept.exists() else folder, os.W_OK)


def _mark() -> Path:
    """Another name for each version of the library's files and of what compiles them."""
    library = _library()
    told = hashlib.sha256(f"{version('numba')} {version('numpy')} {sys.implementation.cache_tag}".encode())
    for path in sorted(library.glob("*.py")):
        about = path.stat()
        told.update(f" {path.name} {about.st_size} {about.st_mtime_ns}".encode())
    folder = Path(os.environ[FOLDER]) if FOLDER in os.environ else library / "__pycache__"
    return folder / f"gridplan-{told.hexdigest()[:16]}.compiled"
