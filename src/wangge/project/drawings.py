"""Documents that are made from the code: `python -m wangge.project.drawings` writes them, a house test keeps them fresh."""

import json
import os
import sys
from pathlib import Path

_HEAD = """# The life of a case

Drawn from the table in `src/wangge/cases/lifecycle.py` by `python -m wangge.project.drawings`; do not edit by hand.
`who`: the desk that holds the case or one above it; its handler (a person, or the departments asked; the desk too); its
reporter (the desk too); an overseer, who has the verb at the holder or above. A step is taken with a `command_id`: the same
command again changes nothing.

"""


def lifecycle_page() -> str:
    """The diagram, and the table a line each."""
    from wangge.cases.lifecycle import TABLE, diagram

    rows = ["| from | step | to | who | verb | when | needs | why |", "|---|---|---|---|---|---|---|---|"]
    rows += [
        f"| {line.source} | {line.name} | {line.target} | {line.who} | `{line.verb.value}` | {', '.join(sorted(line.when))} "
        f"| {', '.join(line.needs)} | {line.why} |"
        for line in TABLE
    ]
    return f"{_HEAD}```mermaid\n{diagram()}```\n\n" + "\n".join(rows) + "\n"


def interface() -> str:
    """The OpenAPI description of /api/v1/, as it is served."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.project.settings")
    import django

    django.setup()
    from wangge.doors.exchange.api import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


PAGES = {"workings/lifecycle.md": lifecycle_page, "openapi.json": interface}


def main(docs: Path) -> None:
    for name, made in PAGES.items():
        (docs / name).write_text(made(), encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")


if __name__ == "__main__":
    main(Path("docs"))
