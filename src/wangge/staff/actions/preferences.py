"""How a person likes the pages. Not in the journal: it is nobody's business and changes nothing for anybody else."""

from typing import Any

from wangge.access import Viewer
from wangge.base.problems import NotAllowed
from wangge.staff.models import Account, Preference


def set_preference(viewer: Viewer, name: str, value: Any) -> None:
    """Keeps a value that JSON can hold under a name of at most 40 characters; None forgets it. NotAllowed for nobody."""
    if viewer.account_id is None:
        raise NotAllowed
    if value is None:
        Preference.objects.filter(account_id=viewer.account_id, name=name).delete()
        return
    Preference.objects.update_or_create(account_id=viewer.account_id, name=name, defaults={"value": value})


def set_language(viewer: Viewer, language: str) -> None:
    """What the person reads on whatever machine they sign in; `zh-hans` or `en`."""
    if viewer.account_id is None:
        raise NotAllowed
    Account.objects.filter(id=viewer.account_id).update(language=language)
