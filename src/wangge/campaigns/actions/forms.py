"""Taking in a form: each file becomes a version, whatever it changes; versions are never changed."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import Max

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed
from wangge.campaigns.models import Form, FormVersion
from wangge.campaigns.queries.forms import form_by_id
from wangge.campaigns.rules.forms import read_form
from wangge.journal.actions import record


def take_form(
    viewer: Viewer, *, content: bytes, file_name: str, area: str, form_id: UUID | None = None, now: datetime
) -> FormVersion:
    """The version that this file is: of the form named, else of a new one that the area keeps. The same file again is the same.

    NotAllowed, NoForm, or BadForm with every wrong cell.
    """
    path = form_by_id(viewer, form_id).path if form_id else areas.area_by_code(area).path
    if not viewer.may(Verb.CAMPAIGN_RUN, path):
        raise NotAllowed
    name = file_name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][:200]
    read = read_form(content, title=name.rsplit(".", 1)[0] or "…")
    digest = sha256(content).hexdigest()
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
