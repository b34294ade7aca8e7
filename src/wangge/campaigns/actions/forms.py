"""Taking in a form: each file becomes a version, whatever it changes; versions are never changed."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import Max

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed
from wangge.blobs import queries as blobs
from wangge.campaigns.models import Form, FormPicture, FormVersion
from wangge.campaigns.queries.forms import form_by_id
from wangge.campaigns.rules.forms import picture_name, read_form
from wangge.campaigns.rules.outline import pictures_in
from wangge.journal.actions import record

MOST_PICTURES = 200


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def take_form(
    viewer: Viewer,
    *,
    content: bytes,
    file_name: str,
    area: str,
    form_id: UUID | None = None,
    pictures: Mapping[str, str] | None = None,
    now: datetime,
) -> FormVersion:
    """The version that this file is: of the form named, else of a new one that the area keeps. The same file with the same
    pictures again is the same.

    `pictures`: the digests of those that came with it, which the viewer has uploaded, by the names of their files. A new version
    finds by name those of the version before, too. NotAllowed, NoForm, or BadForm with every wrong cell.
    """
    path = form_by_id(viewer, form_id).path if form_id else areas.area_by_code(area).path
    if not viewer.may(Verb.CAMPAIGN_RUN, path):
        raise NotAllowed
    name = file_name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][:200]
    known_pictures = _pictures(form_id, pictures or {})
    read = read_form(content, title=name.rsplit(".", 1)[0] or "…", pictures=known_pictures)
    digest = _digest(content, read.outline)
    if form_id is None:
        form = Form.objects.create(
            id=new_id(), name=read.title[:120], path=path, made_at=now, made_by_id=viewer.account_id
        )
    else:
        form = form_by_id(viewer, form_id)
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtextextended('campaigns:form:' || %s, 0))", [str(form.id)]
            )
        if known := FormVersion.objects.filter(form=form, source_hash=digest).first():
            return known
    last = FormVersion.objects.filter(form=form).aggregate(Max("number"))["number__max"] or 0
    version = FormVersion.objects.create(
        id=new_id(),
        form=form,
        number=last + 1,
        said_version=read.said_version,
        title=read.title,
        languages=[name[:40] for name in read.languages],
        file_name=name,
        source_hash=digest,
        source=content,
        xform=read.xform,
        outline=read.outline,
        made_at=now,
        made_by_id=viewer.account_id,
    )
    shown = pictures_in(read.outline)
    FormPicture.objects.bulk_create(
        FormPicture(version=version, name=file[:200], picture_id=picture)
        for file, picture in sorted(known_pictures.items())
        if picture in shown
    )
    record(
        viewer,
        verb="form.taken-in",
        subject=f"form:{form.id}",
        path=path,
        at=now,
        after={"version": version.number, "title": version.title, "sha256": digest},
        source="desk",
    )
    return version


def _pictures(form_id: UUID | None, sent: Mapping[str, str]) -> dict[str, str]:
    """Digest by name: what was sent, over what the version before had."""
    if len(sent) > MOST_PICTURES:
        raise Invalid(field="pictures", expected=_("at most 200 pictures"))
    found: dict[str, str] = {}
    if form_id is not None:
        last = (
            FormVersion.objects.filter(form=form_id).order_by("-number").values_list("id", flat=True).first()
        )
        found = dict(FormPicture.objects.filter(version=last).values_list("name", "picture_id"))
    for name, digest in sent.items():
        if blobs.blob(digest).kind != "photo":
            raise Invalid(field="pictures", expected=_("a picture"))
        found[picture_name(name)] = digest
    return found


def _digest(content: bytes, outline: Mapping[str, object]) -> str:
    """What tells versions apart: the workbook, and its pictures where it has some."""
    shown = sorted(pictures_in(outline))
    return sha256(content + "".join(shown).encode()).hexdigest()
