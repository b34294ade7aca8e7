"""What a phone keeps of campaigns: asked by a pull, set-wise, for the ids that changed."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Sum

from wangge.access import Viewer
from wangge.campaigns import lifecycle
from wangge.campaigns.models import Campaign, FormVersion, Material, Tally
from wangge.campaigns.rules.outline import pictures_in


def kept(viewer: Viewer, kind: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Campaigns that run or ended, versions of forms (`form`), texts and pictures of campaigns (`material`), as values of JSON.

    What is gone, or not the viewer's, is left out. A picture is a digest: its bytes are fetched as every blob's.
    """
    return _KEPT[kind](viewer, [UUID(str(each)) for each in ids])


def to_keep(viewer: Viewer) -> dict[str, list[str]]:  # noqa: ARG001 - the row policy uses it
    """The ids that a phone needs at its first contact, by kind: running campaigns with their forms and material."""
    running = list(Campaign.objects.filter(state=lifecycle.RUNNING).values_list("id", "form_version_id"))
    materials = Material.objects.filter(campaign_id__in=[each for each, _ in running]).values_list(
        "id", flat=True
    )
    return {
        "campaign": [str(each) for each, _ in running],
        "form": sorted({str(version) for _, version in running}),
        "material": [str(each) for each in materials],
    }


#: How far a campaign is where the viewer works; the rest of what is asked is left. The phone tells the pace by `answered`.
_SUMS = ("households", "done", "nobody_home", "refused", "not_found", "gone", "faulty", "answered")


def _campaigns(_viewer: Viewer, ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    rows = Campaign.objects.filter(id__in=ids).exclude(state=lifecycle.DRAFT)
    sums: dict[UUID, dict[str, Any]] = {
        row["campaign_id"]: dict(row)
        for row in Tally.objects.filter(campaign__in=ids)
        .values("campaign_id")
        .annotate(**{f"sum_{name}": Sum(name) for name in _SUMS})
    }
    return {
        str(row.id): {
            "id": str(row.id),
            "revision": row.revision,
            "name": row.name,
            "purpose": row.purpose,
            "state": row.state,
            "form": str(row.form_version_id),
            "way": row.way,
            "from_on": row.from_on.isoformat(),
            "to_on": row.to_on.isoformat(),
            "counts": row.counts,
            "times": row.times,
            "every_days": row.every_days,
            "tries": row.tries,
            "progress": {name: sums.get(row.id, {}).get(f"sum_{name}", 0) for name in _SUMS},
        }
        for row in rows
    }


def _forms(_viewer: Viewer, ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    rows = FormVersion.objects.filter(id__in=ids).defer("source")
    return {
        str(row.id): {
            "id": str(row.id),
            "revision": 1,
            "form": str(row.form_id),
            "number": row.number,
            "title": row.title,
            "languages": row.languages,
            "xform": row.xform,
            "outline": row.outline,
            "pictures": sorted(pictures_in(row.outline)),
        }
        for row in rows
    }


def _materials(_viewer: Viewer, ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    return {
        str(row.id): {
            "id": str(row.id),
            "revision": row.revision,
            "campaign": str(row.campaign_id),
            "order": row.order,
            "title": row.title,
            "text": row.text,
            "picture": row.picture_id,
        }
        for row in Material.objects.filter(id__in=ids)
    }


_KEPT = {"campaign": _campaigns, "form": _forms, "material": _materials}
