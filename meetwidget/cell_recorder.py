"""Runs a cell as it always runs, and keeps what it shows in the notebook format's own terms.

``%%capture`` would take the outputs away until the cell has ended; here they appear as usual while a
copy is kept. So the places where IPython hands outputs on are wrapped for as long as the cell
runs: its two streams, what displays, what shows results, and what shows errors.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, TextIO

from IPython.core.interactiveshell import InteractiveShell

from meetwidget.bundles import portable

KEPT_TEXT = 1_000_000
"""Characters kept of each run of printed text: what prints without end must not fill the memory."""


class _Tee:
    """A stream that also tells what is written to it."""

    def __init__(self, stream: TextIO, name: str, told: Callable[[str, str], None]) -> None:
        self._stream = stream
        self._name = name
        self._told = told

    def write(self, text: str) -> int:
        self._told(self._name, text)
        return self._stream.write(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class CellRecorder:
    """Keeps the outputs of what runs within its ``with`` block."""

    def __init__(self, shell: InteractiveShell, source: str) -> None:
        self._shell = shell
        self._source = source
        self._outputs: list[dict[str, Any]] = []
        self._by_display_id: dict[str, dict[str, Any]] = {}
        self._clear_next = False
        self._muted = 0
        self._undo = ExitStack()

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Outputs as nbformat 4 has them, in order; texts are strings."""
        for output in self._outputs:
            if output["output_type"] == "stream":
                output["text"] = as_printed(output["text"])
        return [output for output in self._outputs if output.get("text") != ""]

    def __enter__(self) -> Self:
        shell: Any = self._shell
        self._replace(sys, "stdout", _Tee(sys.stdout, "stdout", self._on_text))
        self._replace(sys, "stderr", _Tee(sys.stderr, "stderr", self._on_text))
        self._wrap(shell.display_pub, "publish", self._on_display)
        self._wrap(shell.display_pub, "clear_output", self._on_clear)
        self._wrap(shell.displayhook, "write_format_data", self._on_result)
        for name in ("write_output_prompt", "finish_displayhook"):
            self._wrap(shell.displayhook, name, _nothing)
        # IPython looks for the final semicolon in the whole cell, in which ours is quoted.
        hook = shell.displayhook
        self._replace(hook, "quiet", lambda: hook.semicolon_at_end_of_expression(self._source))
        self._wrap(shell, "_showtraceback", self._on_error)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def _replace(self, owner: Any, name: str, value: object) -> None:
        mine = name in vars(owner)
        before = getattr(owner, name)
        setattr(owner, name, value)
        if mine:
            self._undo.callback(setattr, owner, name, before)
        else:
            self._undo.callback(delattr, owner, name)

    def _wrap(self, owner: Any, name: str, told: Callable[..., None]) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: Any, **named: Any) -> Any:
            told(*arguments, **named)
            self._muted += 1  # a terminal prints what is shown: that is no second output
            try:
                return inner(*arguments, **named)
            finally:
                self._muted -= 1

        self._replace(owner, name, outer)

    def _on_text(self, name: str, text: str) -> None:
        if self._muted or not isinstance(text, str) or not text:
            return
        self._clear_now()
        last = self._outputs[-1] if self._outputs else {}
        if last.get("name") == name:
            if len(last["text"]) < KEPT_TEXT:
                last["text"] += text
        else:
            self._outputs.append({"output_type": "stream", "name": name, "text": text})

    def _on_display(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        *_: Any,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
        **__: Any,
    ) -> None:
        output = {
            "output_type": "display_data",
            "data": portable(data),
            "metadata": _plain(metadata or {}),
        }
        display_id = (transient or {}).get("display_id")
        if update:
            known = self._by_display_id.get(str(display_id))
            if known is not None:
                known.update(data=output["data"], metadata=output["metadata"])
            return
        self._clear_now()
        if data and not output["data"] and display_id is None:
            return  # scripts, say, that a library sends ahead
        self._outputs.append(output)
        if display_id is not None:
            self._by_display_id[str(display_id)] = output

    def _on_clear(self, wait: bool = False) -> None:
        self._clear_next = True
        if not wait:
            self._clear_now()

    def _clear_now(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self._outputs.clear()

    def _on_result(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None
    ) -> None:
        self._clear_now()
        self._outputs.append(
            {
                "output_type": "execute_result",
                "execution_count": self._shell.displayhook.prompt_count,
                "data": portable(data),
                "metadata": _plain(metadata or {}),
            }
        )

    def _on_error(self, kind: type[BaseException], error: BaseException, lines: list[str]) -> None:
        self._clear_now()
        self._outputs.append(
            {
                "output_type": "error",
                "ename": kind.__name__,
                "evalue": str(error),
                "traceback": [str(line) for line in lines],
            }
        )


def _nothing(*_: object) -> None:
    """Is told that a terminal prints around a result."""


def as_printed(text: str) -> str:
    """Returns text as a terminal leaves it: a progress bar's last state instead of all of them."""
    if "\r" not in text:
        return text
    return "\n".join(_last_state(line) for line in text.replace("\r\n", "\n").split("\n"))


def _last_state(line: str) -> str:
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown


def _plain(metadata: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(dict(metadata), default=str))
    return found
