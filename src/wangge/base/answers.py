"""How an answer looks when something is wrong, RFC 9457 with our stable `code`, and when it leaves something behind."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

Answer = TypeVar("Answer")


class ProblemAnswer(BaseModel):
    """`application/problem+json`. `code` is stable; `detail` is for people, in their language; more facts may follow."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    code: str
    detail: str


def keeping(answer: Answer) -> Answer:
    """The answer marked so that the request's transaction keeps what was written, whatever its status says.

    Who marks it sees to it that nothing half-done stands there: what failed had a savepoint of its own.
    """
    marked: Any = answer
    marked.keeps = True
    return answer


def keeps(answer: object) -> bool:
    return bool(getattr(answer, "keeps", False))


def problems(*statuses: int) -> dict[int, type[ProblemAnswer]]:
    """For `response=`: these problem statuses beside those that every path may give (400, 401, 422)."""
    return dict.fromkeys((400, 401, 422, *statuses), ProblemAnswer)
