"""The interface's own description (OpenAPI), and what it says of a path.

FastAPI describes each route; here is what stands in front of them: that a token opens them, and
which need none.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.routing import compile_path

from .access.guard import OPEN_PATHS

_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token that the owner has made; browsers have a cookie of `/api/login`.",
}


class DescribedApp(FastAPI):
    """An application whose description says who may come in.

    Attributes
    ----------
    needs_login
        Whether a token or a login is needed.
    """

    needs_login = False

    def openapi(self) -> dict[str, Any]:
        """Return the description."""
        if self.openapi_schema is None:
            schema = super().openapi()
            for path in schema["paths"].values():
                for operation in path.values():
                    _errors_are_json(operation["responses"])
            if self.needs_login:
                schema["components"]["securitySchemes"] = {"token": _TOKEN}
                schema["security"] = [{"token": []}]
                for path in set(OPEN_PATHS) & schema["paths"].keys():
                    for operation in schema["paths"][path].values():
                        operation["security"] = []
        schema = self.openapi_schema or {}
        return schema

    def methods_of(self, path: str) -> set[str]:
        """Return the methods that a path is described with; none if it is not described.

        Each route knows of its own alone, though several may have one path.
        """
        return {
            method.upper()
            for template, operations in self.openapi()["paths"].items()
            if compile_path(template)[0].match(path)
            for method in operations
        }


def _errors_are_json(responses: dict[str, Any]) -> None:
    """Correct what FastAPI takes for granted: that errors are of the kind that the answer is."""
    for code, response in responses.items():
        for content in response.get("content", {}).values():
            if code >= "400" and "$ref" in content.get("schema", {}):
                response["content"] = {"application/json": content}
