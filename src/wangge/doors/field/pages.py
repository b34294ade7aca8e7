"""The field app's page, worker and manifest. They hold nothing of anybody: all that a person sees, the app fetches itself."""

import json
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

#: Narrower than the other doors': no form goes anywhere, and of other hosts nothing is asked. Compiling WebAssembly is allowed, by
#: which a phone runs a model of plants; evaluating text as script is not.
_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@lru_cache(maxsize=4)
def _names(file: Path, _changed_at: int) -> dict[str, str]:
    names: dict[str, str] = json.loads(file.read_text())
    return names


def _built(name: str) -> Path | None:
    found = finders.find(f"field/built/{name}")
    return Path(found) if isinstance(found, str) else None


def _fresh(response: HttpResponse) -> HttpResponse:
    """Asked for anew each time: by these three the phone learns of a new version."""
    response["Cache-Control"] = "no-cache"
    response["Content-Security-Policy"] = _POLICY
    return response


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page that the app draws itself into; the same for everybody, so that the phone can keep it."""
    file = _built("files.json")
    if file is None:
        return _fresh(render(request, "field/unbuilt.html", status=503))
    names = _names(file, file.stat().st_mtime_ns)
    facts = {
        "version": names["version"],
        "script": static(f"field/built/{names['script']}"),
        "style": static(f"field/built/{names['style']}"),
    }
    return _fresh(render(request, "field/shell.html", facts))


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker, under the app's own address so that it may answer for it."""
    file = _built("worker.js")
    if file is None:
        return _fresh(HttpResponse(status=503))
    return _fresh(HttpResponse(file.read_bytes(), content_type="text/javascript; charset=utf-8"))


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to put the app among its own."""
    icons = [
        {"src": static(f"field/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    icons.append(
        {
            "src": static("field/icon-maskable.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        }
    )
    facts = {
        "id": "/field/",
        "name": "网格通 · 网格员",
        "short_name": "网格员",
        "lang": "zh-CN",
        "start_url": "/field/",
        "scope": "/field/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#0b2f45",
        "theme_color": "#0b2f45",
        "icons": icons,
    }
    return _fresh(JsonResponse(facts, content_type="application/manifest+json"))
