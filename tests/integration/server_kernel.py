"""A kernel of a real Jupyter server, driven as a notebook drives it."""

from __future__ import annotations

import json
import queue
import urllib.request
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient

from tests.jupyter_process import JupyterProcess

CELL_S = 60.0
"""Longest wait for one message of a cell, seconds."""


class Kernel:
    """A kernel that the server started, as a notebook has one."""

    def __init__(self, server: JupyterProcess, notebook: str | None = None) -> None:
        """Starts one for itself, or as the kernel of a notebook at this path."""
        self._server = server
        if notebook is None:
            self.id = self._rest("POST", "kernels", {"name": "python3"})["id"]
        else:
            name = notebook.rpartition("/")[2]
            session = {"path": notebook, "name": name, "type": "notebook"}
            made = self._rest("POST", "sessions", {**session, "kernel": {"name": "python3"}})
            self.session, self.id = made["id"], made["kernel"]["id"]
        self.client = BlockingKernelClient()
        runtime = Path(server.environment["JUPYTER_RUNTIME_DIR"])
        self.client.load_connection_file(str(runtime / f"kernel-{self.id}.json"))
        # Without the heartbeat: on a loaded machine one that is late counts as the kernel's death.
        self.client.start_channels(hb=False)
        self.client.wait_for_ready(timeout=CELL_S)

    def run(self, code: str, cell: str | None = None) -> str:
        """Runs a cell and returns what it printed or showed; fails if it raised."""
        return self.finish(self.start(code, cell))

    def start(self, code: str, cell: str | None = None) -> str:
        """Starts a cell, of this id in its notebook, and returns the request's id."""
        if cell is None:
            return str(self.client.execute(code))
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        request = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(request)
        return str(request["header"]["msg_id"])

    def running(self) -> bool:
        """Whether no cell has finished since the last :meth:`finish`."""
        try:
            self.client.get_shell_msg(timeout=0)
        except queue.Empty:
            return True
        return False

    def finish(self, cell: str, *, failing: bool = False) -> str:
        """Waits for a cell."""
        out = ""
        while True:
            message = self.client.get_iopub_msg(timeout=CELL_S)
            if message["parent_header"].get("msg_id") != cell:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                out += content["text"]
            elif kind in ("execute_result", "display_data"):
                out += f"{content['data'].get('text/plain', '')}{sorted(content['data'])}\n"
            elif kind == "error" and not failing:
                raise AssertionError("\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                while self.client.get_shell_msg(timeout=CELL_S)["parent_header"]["msg_id"] != cell:
                    pass
                return out

    def rename(self, notebook: str) -> None:
        """Moves the notebook, as the file browser does."""
        self._rest("PATCH", f"sessions/{self.session}", {"path": notebook})

    def restart(self) -> None:
        """Starts the kernel anew, as the button does."""
        self._rest("POST", f"kernels/{self.id}/restart")
        self.client.wait_for_ready(timeout=CELL_S)

    def interrupt(self) -> None:
        """Stops the running cell."""
        self._rest("POST", f"kernels/{self.id}/interrupt")

    def shut_down(self) -> None:
        """Ends the kernel, as closing the notebook does."""
        self._rest("DELETE", f"kernels/{self.id}")

    def close(self) -> None:
        self.client.stop_channels()
        self.client.context.destroy(linger=0)

    def _rest(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self._server.url}api/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else b"",
            headers={"Authorization": f"token {self._server.token}"},
        )
        with urllib.request.urlopen(request, timeout=CELL_S) as answer:
            content = answer.read()
        return json.loads(content) if content else None
