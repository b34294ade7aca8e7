"""What the program writes to its log: what failed and where, without the failure's own words.

Those may quote people's data: a database says which value it refused.
"""

import logging
import traceback
from types import TracebackType


class WithoutWords(logging.Formatter):
    """Of an exception the log gets its kind and the places that it came through."""

    def formatException(  # noqa: N802 - logging's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        kind, _, places = ei
        return "".join(traceback.format_tb(places)) + (kind.__name__ if kind else "")
