"""Accounts over HTTP: listed, added, given a password. Leave and ending move cases too, so `cases` offers them."""

from typing import TYPE_CHECKING, Any, Literal

from ninja import Router, Schema, Status

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import AreaCode, line
from wangge.staff import actions, queries
from wangge.staff.api.parts import Closed, Cursor, Id, Limit, Password

if TYPE_CHECKING:
    from wangge.staff.models import Account

router = Router()


class AccountOut(Schema):
    """`home` is the code of the area that administers the account; `locked` after too many failures."""

    id: int
    username: str
    name: str
    home: str
    language: str
    locked: bool


class AccountPageOut(Schema):
    items: list[AccountOut]
    next: str | None


class AccountIn(Closed):
    """Without a password nobody can sign in with the account yet."""

    username: line(60, least=2, name="username")  # type: ignore[valid-type]
    name: line(60, name="name")  # type: ignore[valid-type]
    home: AreaCode
    password: Password = ""
    language: Literal["", "zh-hans", "en"] = ""


class NewPasswordIn(Closed):
    password: Password


@router.get("/accounts", response={200: AccountPageOut, **problems(404)})
def list_accounts(
    request: Asked,
    area: AreaCode | None = None,
    q: line(60, least=0, name="q") = "",  # type: ignore[valid-type]
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Accounts administered at or below an area, as far as one sees; `q` is part of a name or username."""
    page = queries.accounts(request.viewer, area=area or "", text=q, cursor=cursor, limit=limit)
    return {"items": [_account(account) for account in page.items], "next": page.next}


@router.post("/accounts", response={201: AccountOut, **problems(403, 404, 409)})
def add_account(request: Asked, given: AccountIn) -> Status[dict[str, Any]]:
    added = actions.add_account(
        request.viewer,
        username=given.username,
        name=given.name,
        home=given.home,
        password=given.password,
        language=given.language,
        now=clock.now(),
    )
    return Status(201, _account(added))


@router.get("/accounts/{int:account_id}", response={200: AccountOut, **problems(404)})
def account_by_id(request: Asked, account_id: Id) -> dict[str, Any]:
    return _account(queries.account_by_id(request.viewer, account_id))


@router.post("/accounts/{int:account_id}/password", response={204: None, **problems(403, 404, 409)})
def set_password(request: Asked, account_id: Id, given: NewPasswordIn) -> Status[None]:
    """Gives somebody whom one administers another password, and unlocks them; their sign-ins end."""
    actions.set_password(request.viewer, account_id, password=given.password, now=clock.now())
    return Status(204, None)


def _account(account: "Account") -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "name": account.name,
        "home": account.home_path.rsplit(".", 1)[-1],
        "language": account.language,
        "locked": account.locked_until is not None and account.locked_until > clock.now(),
    }
