"""What is dear to make and alike for everybody, kept for a moment within this process."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The last `most` values that were made, each for `seconds`; threads share them. While one makes a value, others who want the
    same wait for it. None is not kept. Its keys must tell whatever may change: nothing here asks whether a value still holds.
    """

    def __init__(self, *, most: int, seconds: float) -> None:
        self._most, self._seconds, self._lock = most, seconds, Lock()
        self._values: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._turns: dict[Key, Lock] = {}

    def __len__(self) -> int:
        return len(self._values)

    def value(self, key: Key, make: Callable[[], Value | None]) -> Value | None:
        """What stands under the key, made where nothing does any more. What `make` raises is raised here, and nothing is kept."""
        with self._lock:
            found = self._found(key)
            turn = self._turns.setdefault(key, Lock()) if found is None else None
        if turn is None:
            return found
        with turn:
            try:
                with self._lock:
                    found = self._found(key)
                if found is None:
                    found = make()
                    self._keep(key, found)
                return found
            finally:
                with self._lock:
                    self._turns.pop(key, None)

    def _found(self, key: Key) -> Value | None:
        until, value = self._values.get(key, (0.0, None))
        if value is None or until <= monotonic():
            self._values.pop(key, None)
            return None
        self._values.move_to_end(key)
        return value

    def _keep(self, key: Key, value: Value | None) -> None:
        if value is None:
            return
        with self._lock:
            self._values[key] = (monotonic() + self._seconds, value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
