"""Column types of PostgreSQL that Django does not have: ltree paths and native boxes."""

from typing import Any

from django.db import models


class Ltree(models.TextField):  # type: ignore[type-arg]  # Django's own class takes no parameters
    """A path of area codes from the root down, `320700000000.320703000000`; `<@` asks whether one lies in another."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 - Django's signature
        return "ltree"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(value, connection, prepared)

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002
        return f"{sql}::text", params

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:  # noqa: ARG002
        return "%s::ltree"


class Box(models.TextField):  # type: ignore[type-arg]
    """A rectangle `(lon,lat),(lon,lat)` for "what is on this map", indexed by GiST."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 - Django's signature
        return "box"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002
        return f"{sql}::text", params

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:  # noqa: ARG002
        return "%s::box"
