"""The poppy check at the desk: the plants of a campaign with what was decided, and the key."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.views.decorators.http import require_GET

from wangge.access import Viewer
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.blobs import queries as blobs
from wangge.campaigns.queries import campaigns, identifiers, plants
from wangge.campaigns.rules.plants import DECISIONS
from wangge.campaigns.rules.plants_key import OTHER, STAGES, shipped_key
from wangge.doors.console import plant_words, words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.staff import queries as staff

_SECTION = "console:campaigns"
_PAGE = 50
_SHOWN = 5


@require_GET
@screen
def campaign_plants(request: HttpRequest, viewer: Viewer, campaign_id: UUID) -> HttpResponse:
    """The plants that were looked at, the newest first; suspicions are there for who is told of them."""
    decision = asked(request, "decision", 10)
    decision = decision if decision in DECISIONS else ""
    cursor = request.GET.get("cursor", "")
    page = plants.checks_of(viewer, campaign_id, decision=decision, after=_key(cursor), limit=_PAGE)
    counts = plants.plant_counts(viewer, campaign_id)
    grounds = plants.grounds_of(viewer, page.checks)
    people = staff.names_of({check.by_id for check in page.checks})
    facts = {
        "section": _SECTION,
        "campaign": campaigns.campaign_by_id(viewer, campaign_id),
        "rows": [
            {
                "check": check,
                "ground": _ground(check, grounds),
                "by": people.get(check.by_id, ""),
                "said": [_told(said) for said in check.said],
                "decision": words.label(plant_words.DECISIONS, check.decision),
                "tone": plant_words.TONES[check.decision],
            }
            for check in page.checks
        ],
        "counts": [
            (code, words.label(plant_words.DECISIONS, code), counts.get(code, 0)) for code in DECISIONS
        ],
        "decision": decision,
        "cursor": cursor,
        "next": encode_cursor(page.after) if page.after else "",
    }
    return present(request, "console/campaign_plants.html", facts)


@require_GET
@screen
def plant_photo(_request: HttpRequest, viewer: Viewer, campaign_id: UUID, digest: str) -> HttpResponse:
    """The small photo of a plant. Who may see it, the row policies say: not found, too, while it is still on the phone."""
    plants.plants_campaign(viewer, campaign_id)
    with blobs.open_blob(digest, "thumbnail") as content:
        response = HttpResponse(content.read(), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@require_GET
@screen
def plants_key(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The key: what was seen stands in the address, so that it can be gone back over and sent on."""
    key = shipped_key()
    stage = asked(request, "stage", 10)
    stage = stage if stage in STAGES else ""
    given = {trait.code: asked(request, trait.code, 20) for trait in key.traits}
    answers = {
        trait.code: given[trait.code]
        for trait in key.traits
        if given[trait.code] in {state.code for state in trait.states}
    }
    opinion = identifiers.identify(viewer, identifiers.KEY, answers=answers)
    unseen = tuple(code for code, answer in given.items() if answer == "unseen")
    following = identifiers.question_after(answers, stage=stage, unseen=unseen)
    ranked = [_candidate(each.taxon, each.likelihood) for each in opinion.ranked[:_SHOWN]]
    open_still = [_named(key.taxon(code)) for code in opinion.attention]
    english = lookups.language() == "en"
    facts = {
        "section": _SECTION,
        "version": key.version,
        "stage": stage,
        "stages": [(code, words.label(plant_words.STAGES, code)) for code in STAGES],
        "traits": [
            {
                "code": trait.code,
                "asks": trait.en if english else trait.zh,
                "hint": trait.hint_en if english else trait.hint_zh,
                "states": [(state.code, state.en if english else state.zh) for state in trait.states],
                "chosen": given[trait.code],
                "next": trait.code == following,
            }
            for trait in key.traits
        ],
        "next": next(
            (trait.en if english else trait.zh for trait in key.traits if trait.code == following), ""
        ),
        "next_code": following,
        "answered": bool(answers),
        "ranked": ranked,
        "open_still": open_still,
        "pictures": _pictures(stage),
        "texts": [each["en"] if english else each["zh"] for each in plants.texts_to_read_out()],
    }
    return present(request, "console/plants_key.html", facts)


def _key(cursor: str) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    at, plant = decode_cursor(cursor, datetime, UUID)
    return cast("datetime", at), cast("UUID", plant)


def _ground(check: Any, doors: dict[UUID, str]) -> str:
    """The door or the words; for who sees no households, such as the township's secretary, the community and the grid."""
    said = doors.get(check.household_id, "") if check.household_id else check.spot
    return said or " ".join(plants.names_below_township(check.path))


def _told(said: dict[str, Any]) -> dict[str, Any]:
    """What one identifier said, its first two names."""
    named = [_candidate(each["taxon"], each["likelihood"], each["species"]) for each in said["ranked"][:2]]
    return {
        "identifier": words.label(plant_words.IDENTIFIERS, said["identifier"]),
        "version": said["version"],
        "named": named,
    }


def _candidate(code: str, likelihood: float, species: str = "") -> dict[str, Any]:
    taxon = shipped_key().taxon(code)
    name = _named(taxon) if taxon else str(plant_words.OTHER) if code == OTHER else species
    latin = taxon.latin if taxon else ""
    return {
        "name": name,
        "latin": latin,
        "percent": round(likelihood * 100),
        "prohibited": bool(taxon and taxon.prohibited),
    }


def _named(taxon: Any) -> str:
    return words.named(taxon, lookups.language())


def _pictures(stage: str) -> list[dict[str, Any]]:
    """Drawings side by side, species by species; with a stage, those of that stage and the photos of it."""
    key = shipped_key()
    groups: dict[str, dict[str, Any]] = {}
    for each in plants.pictures():
        if stage and each.stage != stage:
            continue
        taxon = key.taxon(each.taxon)
        shown = {
            "address": static(f"{plants.PICTURES}/{each.file}"),
            "stage": words.label(plant_words.STAGES, each.stage),
            "author": each.author,
            "licence": each.licence,
        }
        group = groups.setdefault(
            each.taxon, {"name": _named(taxon), "latin": taxon.latin if taxon else "", "pictures": []}
        )
        group["pictures"].append(shown)
    return list(groups.values())
