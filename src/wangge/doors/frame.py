"""What the frame of every door asks for: addresses of static files that change with their content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """The address of a static file with its content's stamp: browsers keep it for ever, and load it again when it changed."""
    found = finders.find(name)
    if not isinstance(found, str):
        return static(name)
    file = Path(found)
    return f"{static(name)}?v={_stamp(file, file.stat().st_mtime_ns)}"


@lru_cache(maxsize=256)
def _stamp(file: Path, _changed_at: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
