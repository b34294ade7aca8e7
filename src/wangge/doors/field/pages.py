"""The field app's page, worker and manifest. They hold nothing of anybody: all that a person sees, the app fetches itself."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe


def _policy() -> str:
    """Narrower than the other doors': no form goes anywhere, and of other hosts only that of the map's tiles is asked. Compiling
    WebAssembly is allowed, by which a phone runs a model of plants; evaluating text as script is not.
    """
    tiles = f" {settings.BASEMAP.host}" if settings.BASEMAP.host else ""
    return (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
        f"img-src 'self' data: blob:{tiles}; media-src 'self' blob:; connect-src 'self'{tiles}; worker-src 'self'; "
        "manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


#: The base map goes to phones in parts of so many bytes, each kept when it has arrived.
_PART = 4 * 1024 * 1024


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
    response["Content-Security-Policy"] = _policy()
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
    # Phones keep the page with its policy; a worker that says another policy is a new one, with which they take the page anew.
    script = file.read_bytes() + f"\n// {_policy()}\n".encode()
    return _fresh(HttpResponse(script, content_type="text/javascript; charset=utf-8"))


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


@require_safe
def basemap(request: HttpRequest) -> HttpResponse:
    """What the installation has to lie under its areas: how large the file is, in how many parts it is fetched; none: 0. Or `url`,
    the address of tiles.
    """
    if getattr(request, "viewer", None) is None:
        return HttpResponse(status=401)
    file: Path | None = settings.BASEMAP.file
    size = file.stat().st_size if file else 0
    facts = {
        "version": _version(file) if file else "",
        "size": size,
        "parts": -(-size // _PART),
        "part_bytes": _PART,
        "coordinates": settings.BASEMAP.coordinates,
        "attribution": settings.BASEMAP.attribution,
        "url": settings.BASEMAP.url,
    }
    return _unkept(JsonResponse(facts))


@require_safe
def basemap_part(request: HttpRequest, version: str, part: int) -> HttpResponse:
    """One part of that file; 404 for another version, so that parts of two files are never put together."""
    if getattr(request, "viewer", None) is None:
        return HttpResponse(status=401)
    file: Path | None = settings.BASEMAP.file
    if file is None or version != _version(file) or part * _PART >= file.stat().st_size:
        raise Http404
    with file.open("rb") as content:
        content.seek(part * _PART)
        answer = HttpResponse(content.read(_PART), content_type="application/octet-stream")
    # Packed already; packing it again would cost and gain nothing.
    answer["Content-Encoding"] = "identity"
    return _unkept(answer)


def _version(file: Path) -> str:
    known = file.stat()
    return f"{known.st_size:x}-{known.st_mtime_ns:x}"


def _unkept(answer: HttpResponse) -> HttpResponse:
    """The app keeps it itself, where it can say how much and let go of it."""
    answer["Cache-Control"] = "no-store"
    return answer
