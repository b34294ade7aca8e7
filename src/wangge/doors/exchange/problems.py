"""Problems as `application/problem+json`, in the asker's language."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from wangge.base.answers import keeping
from wangge.base.problems import Problem
from wangge.doors.exchange.description import PROBLEM_TYPE


def problem_answer(problem: Problem) -> JsonResponse:
    answer = _answer(problem.status, problem.code, problem.say(gettext), problem.facts)
    return keeping(answer) if problem.keeps else answer


def _answer(status: int, code: str, detail: str, facts: dict[str, Any]) -> JsonResponse:
    body = {
        **facts,
        "type": f"urn:wangge:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": detail,
    }
    answer = JsonResponse(body, status=status, content_type=PROBLEM_TYPE, json_dumps_params={"default": str})
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


def speak_json(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """What is refused before an operation is found (no such address, another method, a host that is not ours) or breaks
    in one is told as a problem too: a program gets no page meant for people.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if (
            not request.path.startswith("/api/")
            or response.status_code < 400
            or "json" in response.headers.get("Content-Type", "")
            or (settings.DEBUG and response.status_code >= 500)
        ):
            return response
        code, said = _refused_outside(response.status_code)
        answer = _answer(response.status_code, code, said, {})
        if "Allow" in response.headers:
            answer["Allow"] = response.headers["Allow"]
        return answer

    return middleware


def _refused_outside(status: int) -> tuple[str, str]:
    if status == 404:
        return "no-such-address", gettext("There is nothing at this address.")
    if status == 405:
        return "other-method", gettext("This address does not take this method.")
    if status >= 500:
        return "broken", gettext("Something is broken here; the server's log says where.")
    return "unreadable", gettext("The request cannot be read.")
