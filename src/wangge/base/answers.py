"""How an answer of the HTTP interface looks when something is wrong: RFC 9457, with our stable `code`."""

from pydantic import BaseModel, ConfigDict


class ProblemAnswer(BaseModel):
    """`application/problem+json`. `code` is stable; `detail` is for people, in their language; more facts may follow."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    code: str
    detail: str


def problems(*statuses: int) -> dict[int, type[ProblemAnswer]]:
    """For `response=`: these problem statuses beside those that every path may give (400, 401, 422)."""
    return dict.fromkeys((400, 401, 422, *statuses), ProblemAnswer)
