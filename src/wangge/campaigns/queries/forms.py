"""Forms and their versions, and how one looks while it is being filled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.access import Viewer
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotFound
from wangge.campaigns.models import Form, FormVersion
from wangge.campaigns.rules.filling import Filled, fill

_LIGHT = ("source", "xform", "outline")


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form with its versions, the newest first, without what they hold."""

    form: Form
    versions: list[FormVersion]


def forms(viewer: Viewer, *, limit: int = 200) -> list[KeptForm]:  # noqa: ARG001 - a form holds no person: all read it
    """All forms, the newest first."""
    found = list(Form.objects.order_by("-made_at", "id")[:limit])
    versions: dict[UUID, list[FormVersion]] = {}
    rows = FormVersion.objects.filter(form__in=found).defer(*_LIGHT).order_by("-number")
    for version in rows:
        versions.setdefault(version.form_id, []).append(version)
    return [KeptForm(form, versions.get(form.id, [])) for form in found]


def form_by_id(viewer: Viewer, form_id: UUID) -> Form:  # noqa: ARG001 - as above
    found = Form.objects.filter(id=form_id).first()
    if found is None:
        raise NotFound
    return found


def form_version(viewer: Viewer, version_id: UUID) -> FormVersion:  # noqa: ARG001 - as above
    """One version with all that it holds; NotFound."""
    found = FormVersion.objects.select_related("form").filter(id=version_id).first()
    if found is None:
        raise NotFound
    return found


def newest_version(viewer: Viewer, form_id: UUID) -> FormVersion:
    form_by_id(viewer, form_id)
    found = FormVersion.objects.filter(form_id=form_id).select_related("form").order_by("-number").first()
    if found is None:
        raise NotFound
    return found


def filled(version: FormVersion, answers: dict[str, Any], *, now: datetime) -> Filled:
    """The form as it is with these answers: what is asked, what is calculated, what is wrong."""
    return fill(version.outline, answers, now=now.astimezone(SHANGHAI))
