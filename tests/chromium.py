"""Finds a Chromium for the browser's tests; run as a program, installs one where there is none, or says how."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: What a browser with a window draws around a page, each part in a process of its own: a second of work for every person
#: who sits down, though nobody sees it.
_AROUND_A_PAGE = (
    "InitialWebUI", "PreloadTopChromeWebUI", "TopChromeUI", "WebUILocationBar", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup", "WebUIReloadButton", "WebUIToolbar",
)  # fmt: skip
#: What Playwright switches off itself, which the last word of its kind would undo, so far as it concerns pages of one's own machine.
_ELSEWHERE = (
    "AimEnabled", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding",
    "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip
#: How the tests start one.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    f"--disable-features={','.join(_AROUND_A_PAGE + _ELSEWHERE)}",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """The path of a Chromium on this machine: the system's, else the one that playwright keeps."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> bool:
    """By apt as root on Debian and Ubuntu, else by playwright."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
        if subprocess.run(["apt-get", "install", "-yq", "chromium"], check=False, **quiet).returncode == 0:
            return True
    return (
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode
        == 0
    )


def main() -> int:
    if found():
        return 0
    print("No Chromium was found; installing one for the browser's tests.")
    if install() and found():
        return 0
    print(
        "Chromium could not be installed. Install it with the system's packages (Debian, Ubuntu: apt install chromium)"
        " or with .venv/bin/playwright install --with-deps chromium.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
