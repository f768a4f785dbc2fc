"""Sharing objects and cells out of a real notebook's kernel."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from meetwidget.room import Room
from meetwidget.wire.control import Location
from meetwidget.wire.share import CELL_MIME
from tests.integration.client_rig import Join, joining, server_in
from tests.integration.server_kernel import Kernel
from tests.integration.small_relay import until
from tests.jupyter_process import JupyterProcess

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    with server_in(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def kernel(server: JupyterProcess) -> Iterator[Kernel]:
    """A notebook's kernel with ``%meet`` and what people share."""
    kernel = Kernel(server, "course/one.ipynb")
    kernel.run(
        "%load_ext meetwidget\n"
        "import meetwidget, sys\n"
        "import matplotlib; matplotlib.use('agg')\n"
        "import matplotlib.pyplot as plt, pandas as pd\n"
        "from IPython.display import HTML, Latex, display"
    )
    yield kernel
    kernel.close()


@pytest.fixture
def room(server: JupyterProcess, kernel: Kernel, request: pytest.FixtureRequest) -> Iterator[Room]:
    """A room of the test's own with the kernel in it, as another participant sees it."""
    name = request.node.name.removeprefix("test_")[:60]
    with joining(server) as join:
        watcher: Join = join
        room = watcher(name)
        kernel.run(f"%meet join {name} --headless")
        yield room
        kernel.run(f"%meet leave {name}")


def test_a_shared_cell_comes_with_its_outputs_and_its_place(kernel: Kernel, room: Room) -> None:
    """Source, text, displays and result in order; notebook and cell; shown to its author as ever."""
    out = kernel.run(
        "%%meet share A *first* look\n"
        "print('fitting')\n"
        "display(HTML('<b>done</b>'))\n"
        "pd.DataFrame({'loss': [0.5]})",
        cell="cell-7",
    )
    assert "fitting" in out
    assert "text/html" in out
    assert out.endswith(f"Shared in {room.name}.\n")
    (message,) = until(room.chat.held)
    assert (message.body, message.location) == (
        "A *first* look",
        Location("course/one.ipynb", "cell-7"),
    )
    assert message.data is not None
    cell = message.data[CELL_MIME]
    assert cell["source"].startswith("print('fitting')\n")
    assert [output["output_type"] for output in cell["outputs"]] == [
        *("stream", "display_data", "execute_result")
    ]
    assert "<table" in cell["outputs"][2]["data"]["text/html"]
    assert message.data["text/x-python"] == message.data["text/plain"] == cell["source"]


def test_a_cell_that_fails_is_shared_with_its_error_and_stops_the_rest(
    kernel: Kernel, room: Room
) -> None:
    """Who asks for help shows the error; "run all" goes no further, and says why in one line."""
    cell = kernel.start("%%meet share\nvalues = []\nvalues[3]")
    kernel.finish(cell, failing=True)
    (message,) = until(room.chat.held)
    assert message.data is not None
    (error,) = message.data[CELL_MIME]["outputs"]
    assert (error["output_type"], error["ename"]) == ("error", "IndexError")
    assert any("values[3]" in line or "list index" in line for line in error["traceback"])
    reply = kernel.start("sys.last_value.__class__.__name__, str(sys.last_value)")
    assert "shared in" in kernel.finish(reply)


def test_values_are_shared_in_every_form_a_notebook_shows(kernel: Kernel, room: Room) -> None:
    """Tables, figures, HTML and formulas; a comment is the caption, else the expression is."""
    kernel.run(
        "figure = plt.figure(figsize=(2, 1)); figure.subplots().plot([1, 2])\n"
        "%meet share pd.DataFrame({'a': [1]}).describe()  # what it is\n"
        "%meet share figure\n"
        "%meet share HTML('<i>x</i>')\n"
        "%meet share Latex('$E = mc^2$')\n"
        "%meet share {'a': 1}"
    )
    messages = until(lambda: len(found := room.chat.held()) == 5 and found)
    assert [message.body for message in messages[:2]] == ["what it is", "`figure`"]
    kinds = [set(message.data or ()) - {"text/plain"} for message in messages]
    assert kinds == [{"text/html"}, {"image/png"}, {"text/html"}, {"text/latex"}, set()]
    assert base64.b64decode(messages[1].data["image/png"]).startswith(PNG)
    assert messages[4].data == {"text/plain": "{'a': 1}"}


def test_what_is_too_large_becomes_a_file_or_is_refused_by_its_limit(
    kernel: Kernel, room: Room
) -> None:
    """A large picture is a file that the relay shows; ``as_file=False`` names the limit."""
    kernel.run(
        "import random\n"
        "big = plt.figure(figsize=(10, 10), dpi=100)\n"
        "axes = big.add_axes((0, 0, 1, 1))\n"
        "axes.imshow([[random.random() for _ in range(900)] for _ in range(900)])"
    )
    out = kernel.run("%meet share big  # noise")
    assert "Shared in" in out
    assert "as a file" in out
    (message,) = until(room.chat.held)
    (file,) = message.files
    assert (file.name, file.type) == ("figure.png", "image/png")
    assert room.files.read(file).startswith(PNG)
    assert set(message.data or ()) == {"text/plain"}
    out = kernel.run(
        f"part = meetwidget.join('{room.name}')\n"
        "try: part.share(big, as_file=False)\n"
        "except meetwidget.TooLarge as error: print(error)\n"
        "print(part.share('tiny', 'as file', as_file=True).files[0])\n"
        "part.leave()"
    )
    assert "at most 1048576 bytes" in out
    assert "str.txt" in out


def test_a_renamed_notebook_is_called_by_its_new_name(server: JupyterProcess, room: Room) -> None:
    """The server knows where a notebook is now; what the kernel was started with may be old."""
    kernel = Kernel(server, "old.ipynb")
    try:
        kernel.run(f"%load_ext meetwidget\n%meet join {room.name} --headless")
        kernel.rename("new name.ipynb")
        kernel.run("%meet share 1")
        (message,) = until(room.chat.held)
        assert message.location == Location("new name.ipynb")
    finally:
        kernel.shut_down()
        kernel.close()


def test_others_see_where_a_kernel_is_if_it_says_so(kernel: Kernel, room: Room) -> None:
    """``here`` tells notebook and cell, ``here(False)`` takes it back; nothing is told unasked."""

    def told() -> list[Location | None]:
        return [person.location for person in room.people if not person.you]

    kernel.run(f"part = meetwidget.join('{room.name}')")
    until(lambda: told() == [None])
    kernel.run("part.here()", cell="cell-3")
    until(lambda: told() == [Location("course/one.ipynb", "cell-3")])
    kernel.run("part.here(False)")
    until(lambda: told() == [None])


def test_a_restarted_kernel_leaves_and_comes_back_clean(server: JupyterProcess, room: Room) -> None:
    """Restarting ends its part at once, and the next one is a participant of its own."""
    kernel = Kernel(server)
    try:
        kernel.run(f"import meetwidget\nroom = meetwidget.join('{room.name}', timeout=60)")
        kernel.run("stream = room.events('message')")
        until(lambda: len(room.people) == 3)
        kernel.restart()
        until(lambda: len(room.people) == 2)
        assert not any(person.away for person in room.people)
        kernel.run(f"import meetwidget\nroom = meetwidget.join('{room.name}', timeout=60)")
        until(lambda: len(room.people) == 3)
    finally:
        kernel.shut_down()
        kernel.close()


def test_cells_await_what_happens(kernel: Kernel, room: Room) -> None:
    """Under the kernel's running loop ``async for`` hears the room while others talk."""
    kernel.run(
        f"part = meetwidget.join('{room.name}', replace=False)\nheard = part.events('message')"
    )
    cell = kernel.start("async for event in heard:\n    print(event.value.body)\n    break")
    room.chat.send("are you there?")
    assert kernel.finish(cell) == "are you there?\n"
    kernel.run("part.leave()")
