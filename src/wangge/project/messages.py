"""Translations: the msgids that stand in the code, the file of Chinese beside them, and the compiled form that Django loads.

`python -m wangge.project.messages` brings the .po file up to date and names what still lacks Chinese. Needs Babel, which
every checkout has; an installed program comes with the compiled file and needs nothing.
"""

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CATALOGUE = Path(__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

#: What marks a text for translation: gettext's functions by their own names and by the aliases in use.
_KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

_HEADER = rb"""# Chinese (Simplified) of Wangge.
msgid ""
msgstr ""
"Language: zh_Hans\n"
"Plural-Forms: nplurals=1; plural=0;\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

#: A msgid as gettext knows it: its context or None, and the singular.
Key = tuple[str | None, str]


def found() -> Iterator[tuple[str, Key, str | None]]:
    """Every msgid in the code: where it stands, its context and singular, and its plural or None."""
    from babel.messages.extract import extract

    for file in sorted([*ROOT.rglob("*.py"), *ROOT.rglob("*.html")]):
        for _line, message, _comments, context in extract(
            "python", BytesIO(_source(file)), keywords=_KEYWORDS
        ):
            singular, plural = message if isinstance(message, tuple) else (message, None)
            if singular:
                yield file.relative_to(ROOT).as_posix(), (context, singular), plural


def _source(file: Path) -> bytes:
    """Python as it is; a template as Django turns it into calls of gettext."""
    if file.suffix == ".py":
        return file.read_bytes()
    from django.utils.translation.template import templatize

    # What stands between the calls is not Python, and its indentation would be taken for blocks.
    calls = templatize(file.read_text(encoding="utf-8"), origin=str(file))
    return "\n".join(line.strip() for line in calls.splitlines()).encode()


def catalogue() -> Any:
    """The file of Chinese as Babel reads it."""
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as source:
        return read_po(source, locale="zh_Hans", abort_invalid=True)


def update() -> list[Key]:
    """Writes the .po file anew from the code, keeping what is translated; gives the msgids without Chinese."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    known = catalogue() if CATALOGUE.exists() else Catalog(locale="zh_Hans")
    fresh = Catalog(locale="zh_Hans", project="Wangge", charset="utf-8", fuzzy=False)
    missing = []
    for where, (context, singular), plural in found():
        before = known.get(singular, context)
        translated = before.string if before else ""
        if isinstance(translated, str) and plural:
            translated = (translated,)
        fresh.add((singular, plural) if plural else singular, translated, [(where, 0)], context=context)
        if not translated or not any(translated):
            missing.append((context, singular))
    with CATALOGUE.open("wb") as target:
        target.write(_HEADER)
        write_po(target, fresh, width=110, sort_output=True, omit_header=True, no_location=True)
    return list(dict.fromkeys(missing))


def compile_stale() -> bool:
    """Compiles the .po file when it is newer than its .mo; whether it did. Only in a checkout, and not without Babel.

    Several processes may do so at once: each writes beside it and renames.
    """
    compiled = CATALOGUE.with_suffix(".mo")
    if not (ROOT.parents[1] / "pyproject.toml").exists() or (
        compiled.exists() and compiled.stat().st_mtime_ns >= CATALOGUE.stat().st_mtime_ns
    ):
        return False
    try:
        from babel.messages.mofile import write_mo
    except ImportError:
        return False
    with tempfile.NamedTemporaryFile(dir=compiled.parent, delete=False) as target:
        write_mo(target, catalogue())
    Path(target.name).chmod(0o644)
    Path(target.name).replace(compiled)
    return True


def main() -> int:
    missing = update()
    for context, singular in missing:
        sys.stderr.write(f"no Chinese yet: {singular!r}{f' ({context})' if context else ''}\n")
    compile_stale()
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
