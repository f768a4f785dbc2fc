"""JSON Schema of the control protocol, from which the TypeScript types are generated.

``python -m meetwidget.wire.schema`` prints it; ``--check FILE`` fails when FILE is stale.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from meetwidget.wire import control


def build() -> dict[str, Any]:
    """Returns one schema whose definitions hold every message and value."""
    _, definitions = msgspec.json.schema_components(
        [control.FromClient, control.FromRelay], ref_template="#/$defs/{name}"
    )
    client = [t.__name__ for t in control.FromClient.__args__]
    relay = [t.__name__ for t in control.FromRelay.__args__]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Control",
        "$defs": {
            **{name: _described(definition) for name, definition in definitions.items()},
            "FromClient": {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in client]},
            "FromRelay": {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in relay]},
        },
        "anyOf": [{"$ref": "#/$defs/FromClient"}, {"$ref": "#/$defs/FromRelay"}],
    }


def _described(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with its docstring freed of the source's indentation.

    Whether msgspec, or Python itself, has done so already depends on their versions.
    """
    text = definition.get("description")
    return definition if text is None else {**definition, "description": inspect.cleandoc(text)}


def render() -> str:
    """Returns the schema as stable, readable JSON with a final newline."""
    return json.dumps(build(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Prints the schema, or checks a committed copy."""
    if arguments[:1] == ["--check"]:
        path = Path(arguments[1])
        if path.read_text(encoding="utf-8") == render():
            return 0
        sys.stderr.write(f"{path} is stale: run `make wire`.\n")
        return 1
    sys.stdout.write(render())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
