"""Problems as `application/problem+json`, in the asker's language."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from wangge.base.problems import Problem


def problem_answer(problem: Problem) -> JsonResponse:
    return _answer(problem.status, problem.code, problem.say(gettext), problem.facts)


def _answer(status: int, code: str, detail: str, facts: dict[str, Any]) -> JsonResponse:
    body = {
        **facts,
        "type": f"urn:wangge:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": detail,
    }
    answer = JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"default": str}
    )
    if status == 429 and "seconds" in facts:
        answer["Retry-After"] = str(facts["seconds"])
    return answer


def present_problems(api: NinjaAPI) -> None:
    """Teaches `api` to answer problems, refused values and unreadable bodies."""

    @api.exception_handler(Problem)
    def problem(_request: HttpRequest, exception: Problem) -> JsonResponse:
        return problem_answer(exception)

    @api.exception_handler(ValidationError)
    def refused(_request: HttpRequest, exception: ValidationError) -> JsonResponse:
        faults = [
            {"field": ".".join(str(part) for part in error["loc"]), "expected": str(error["msg"])}
            for error in exception.errors
        ]
        said = "; ".join(f"{fault['field']}: {fault['expected']}" for fault in faults)
        return _answer(422, "invalid", said, {"faults": faults})

    @api.exception_handler(HttpError)
    def http_error(_request: HttpRequest, exception: HttpError) -> JsonResponse:
        return _answer(exception.status_code, "unreadable", gettext("The request cannot be read."), {})
