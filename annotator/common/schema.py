"""What every operation of the OpenAPI schema shares: the one shape of an error."""

from __future__ import annotations

from typing import Any, Final

PROBLEM: Final = {
    "type": "object",
    "description": "Every error: a stable code, a sentence that says what to do, and what the caller needs to go on.",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "object", "additionalProperties": {}},
    },
    "required": ["code", "message", "details"],
}


def add_problem_answers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular post-processing hook: each operation's ``default`` answer is a Problem."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "Error",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result.get("paths", {}).values():
        for operation in path.values():
            operation["responses"].setdefault("default", answer)
    return result
