"""The OpenAPI description, as the answers really are: problems in their media type, two ways to sign in, plain names."""

from typing import Any

from ninja import NinjaAPI
from ninja.operation import Operation

from wangge.base.answers import ProblemAnswer

PROBLEM_TYPE = "application/problem+json"
_PROBLEM = {"$ref": f"#/components/schemas/{ProblemAnswer.__name__}"}
_SIGN_INS = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "wangge_session"},
}


class Interface(NinjaAPI):
    """Ninja's API, which by itself would declare every answer as plain JSON and every path as open to all."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["securitySchemes"] = _SIGN_INS
        for methods in schema["paths"].values():
            for operation in methods.values():
                if 401 in operation["responses"]:
                    operation["security"] = [{name: []} for name in _SIGN_INS]
                for answer in operation["responses"].values():
                    _in_its_own_type(answer)
        return schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the function, which is the action's or query's: where it stands in the tree is nobody's business."""
        return str(operation.view_func.__name__)


def _in_its_own_type(answer: dict[str, Any]) -> None:
    content = answer.get("content", {})
    if content.get("application/json", {}).get("schema") == _PROBLEM:
        answer["content"] = {PROBLEM_TYPE: {"schema": _PROBLEM}}
