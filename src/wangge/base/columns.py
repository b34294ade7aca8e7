"""Column types that Django does not have: ltree paths, native boxes, transaction numbers, private texts."""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from wangge.base.private import Place


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


class TransactionId(models.BigIntegerField):  # type: ignore[type-arg]
    """The number of the transaction that wrote a row, counted without end (xid8): what later transactions may have missed."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 - Django's signature
        return "xid8"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002
        return f"{sql}::text::bigint", params

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:  # noqa: ARG002
        return "%s::text::xid8"


class Sealed:
    """A private text as the database holds it. It shows nothing; the row that it belongs to opens it."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return "•••"


class _PrivateAttribute(DeferredAttribute):
    """Opens what is sealed when it is asked for: a list that shows no names opens none."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            field = cast("PrivateText", self.field)
            return settings.PRIVATE_KEYS.open(value.data, field.place_of(instance))
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


if TYPE_CHECKING:  # at run time Django's class takes no parameters
    _Text = models.Field[Any, Any]
else:
    _Text = models.Field


class PrivateText(_Text):
    """A text that only the program can read: sealed when its row is saved, and bound to the row's key.

    So the row needs its key before it is saved, and `update(column=…)` is refused: it has no row to bind to.
    """

    descriptor_class = _PrivateAttribute

    def get_internal_type(self) -> str:
        return "BinaryField"

    def place_of(self, instance: Any) -> Place:
        if instance.pk is None:
            raise ValueError(
                f"{self.column}: a private text is sealed with the key of its row, which has none yet"
            )
        return Place(self.model._meta.db_table, str(self.column), str(instance.pk))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:  # noqa: ARG002
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: Any, add: bool) -> Sealed | None:  # noqa: ARG002 - Django's signature
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(settings.PRIVATE_KEYS.seal(value, self.place_of(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002 - Django's signature
        if value is not None and not isinstance(value, Sealed):
            raise TypeError(f"{self.column} is private: save its row, and find rows by a PrivateLookup")
        return value and connection.Database.Binary(value.data)


class PrivateLookup(models.BinaryField):  # type: ignore[type-arg]
    """The keyed hash of the private column `of`, kept beside it: finds equal values without opening any.

    Rows are found by `column__in=settings.PRIVATE_KEYS.lookups(kind, value)`. Nothing is kept of an empty text.
    """

    def __init__(self, *arguments: Any, of: str, kind: str, **facts: Any) -> None:
        self.of, self.kind = of, kind
        super().__init__(*arguments, **{"null": True, "max_length": 32, "editable": False, **facts})

    def deconstruct(self) -> Any:
        name, path, arguments, facts = super().deconstruct()
        return name, path, arguments, {**facts, "of": self.of, "kind": self.kind}

    def pre_save(self, model_instance: Any, add: bool) -> bytes | None:  # noqa: ARG002 - Django's signature
        value = getattr(model_instance, self.of)
        return settings.PRIVATE_KEYS.lookup(self.kind, value) if value else None
