"""What machines ask about the installation: whether it can work, and its numbers for Prometheus."""

import ipaddress
import pkgutil
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from wangge.project.private import missing_keys

VERSION = version("wangge")


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Names of all migrations in the program, from its files: loading them takes long."""
    return frozenset(
        (config.label, module.name)
        for config in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(config.path) / "migrations")])
        if not module.name.startswith("_")
    )


def missing_migrations() -> int:
    """How many migrations of the program the database lacks. A database without any table lacks all."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('django_migrations') is not null")
        if cursor.fetchone() != (True,):
            return len(_migrations())
        cursor.execute("select app, name from django_migrations")
        return len(_migrations() - set(cursor.fetchall()))


def _reason() -> str:
    """Why it cannot work; empty when it can."""
    for last_try in (False, True):
        try:
            missing = missing_migrations()
        except DatabaseError:
            connection.close()  # it may be of a server that was restarted since
            if last_try:
                return "The database does not answer."
        else:
            if missing:
                return f"{missing} migrations are missing; run `wangge migrate`."
            return "A key of private fields is missing; see `wangge private check`." if missing_keys() else ""
    return ""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """200 when the database answers and migrations are in, else 503 with the reason."""
    if reason := _reason():
        return JsonResponse({"status": "unavailable", "reason": reason, "version": VERSION}, status=503)
    return JsonResponse({"status": "ok", "version": VERSION})


def _may_read(request: HttpRequest) -> bool:
    """By the nearest address and by every one that a proxy names: behind a proxy all requests come from loopback."""
    named = [request.META.get("REMOTE_ADDR", ""), *request.headers.get("X-Forwarded-For", "").split(",")]
    try:
        addresses = [ipaddress.ip_address(text.strip()) for text in named if text.strip()]
    except ValueError:
        return False
    networks = settings.ENVIRONMENT.metrics_from
    return bool(addresses) and all(any(address in network for network in networks) for address in addresses)


_NUMBERS = """
select 'wangge_database_bytes', '', pg_database_size(current_database())::float8
union all select 'wangge_database_connections', '', count(*) from pg_stat_activity where datname = current_database()
union all select 'wangge_desks', '', coalesce(sum(substring(application_name from '^wangge desks=([0-9]+)$')::int), 0)
            from pg_stat_activity where datname = current_database()
union all select 'wangge_jobs', '{status="' || status || '"}', count(*) from procrastinate_jobs group by status
union all select 'wangge_workers', '', count(*) from procrastinate_workers where last_heartbeat > now() - interval '1 minute'
"""
_HELP = {
    "wangge_database_bytes": "Size of the database.",
    "wangge_database_connections": "Connections to the database, everyone's.",
    "wangge_desks": "Desks that listen for what others do, in all web workers.",
    "wangge_jobs": "Jobs in the queue by status.",
    "wangge_workers": "Worker processes heard of within a minute.",
}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for the loopback address and the networks of WANGGE_METRICS_FROM."""
    if not _may_read(request):
        return HttpResponse(
            "Numbers are for this machine and WANGGE_METRICS_FROM.\n", status=403, content_type="text/plain"
        )
    lines = [f'# TYPE wangge_build_info gauge\nwangge_build_info{{version="{VERSION}"}} 1']
    up = not _reason()
    lines.append(f"# HELP wangge_up Whether /healthz says ok.\n# TYPE wangge_up gauge\nwangge_up {int(up)}")
    if up:
        with connection.cursor() as cursor:
            cursor.execute(_NUMBERS)
            told: set[str] = set()
            for name, labels, value in cursor.fetchall():
                if name not in told:
                    lines.append(f"# HELP {name} {_HELP[name]}\n# TYPE {name} gauge")
                    told.add(name)
                lines.append(f"{name}{labels} {value:.0f}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
