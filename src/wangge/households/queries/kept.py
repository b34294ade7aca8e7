"""What a phone keeps of the registers: no identity number, no care detail, of a telephone the last four figures."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from wangge.access import Viewer
from wangge.households.models import CareNeed, Dwelling, Household, Resident
from wangge.households.queries.homes import check_reads_homes, place_of

Fields = dict[str, Any]


def kept(viewer: Viewer, kind: str, ids: Collection[UUID]) -> dict[UUID, Fields]:
    """Of each `household`, `resident`, `need` or `dwelling` with one of these ids that the viewer sees, its fields as values of
    JSON; who is not among them is gone for this viewer. KeyError for another kind.
    """
    check_reads_homes(viewer)
    return _KINDS[kind](ids)


def plate_digest(plate: str) -> str:
    """By which a phone finds the home of a plate that it has read: the plate itself would let it claim to have stood there."""
    return hashlib.sha256(f"wangge door plate {plate}".encode()).hexdigest() if plate else ""


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _households(ids: Collection[UUID]) -> dict[UUID, Fields]:
    return {
        row.id: {
            "revision": row.revision,
            "dwelling": str(row.dwelling_id),
            "number": row.number,
            "path": row.path,
            "has_plot": row.has_plot,
            "only_by_law": row.only_by_law,
            "valid_from": _day(row.valid_from),
            "valid_to": _day(row.valid_to),
        }
        for row in Household.objects.filter(id__in=ids)
    }


def _residents(ids: Collection[UUID]) -> dict[UUID, Fields]:
    rows = Resident.objects.filter(id__in=ids).defer("identity", "phone", "phone_hash", "registered_address")
    return {
        row.id: {
            "revision": row.revision,
            "household": str(row.household_id) if row.household_id else None,
            "name": row.name,
            "birth_year": row.birth_year,
            "sex": row.sex,
            "residency": row.residency,
            "relation": row.relation,
            "phone_tail": row.phone_tail,
            "has_identity": row.identity_hash is not None,
            "left_on": _day(row.left_on),
            "merged_into": str(row.merged_into_id) if row.merged_into_id else None,
        }
        for row in rows
    }


def _needs(ids: Collection[UUID]) -> dict[UUID, Fields]:
    return {
        row.id: {
            "revision": row.revision,
            "resident": str(row.resident_id),
            "kind": row.kind,
            "basis": row.basis,
            "law": row.law,
            "consent_on": _day(row.consent_on),
            "consent_by": row.consent_by,
            "from_on": _day(row.from_on),
            "until": _day(row.until),
            "ended_on": _day(row.ended_on),
        }
        for row in CareNeed.objects.filter(id__in=ids).defer("detail")
    }


def _dwellings(ids: Collection[UUID]) -> dict[UUID, Fields]:
    found: dict[UUID, Fields] = {}
    for row in Dwelling.objects.filter(id__in=ids).select_related("building__compound"):
        building = row.building
        found[row.id] = {
            "revision": row.revision,
            "building": str(building.id),
            "building_name": building.name,
            "compound": building.compound_id,
            "compound_name": building.compound.name if building.compound else "",
            "door": row.door,
            "place": place_of(row),
            "lon": row.lon if row.lon is not None else building.lon,
            "lat": row.lat if row.lat is not None else building.lat,
            "plate": plate_digest(row.plate),
            "path": row.path,
            "valid_to": _day(row.valid_to),
        }
    return found


_KINDS: Mapping[str, Callable[[Collection[UUID]], dict[UUID, Fields]]] = {
    "household": _households,
    "resident": _residents,
    "need": _needs,
    "dwelling": _dwellings,
}
