"""Fixtures of the browser tests: real Jupyter servers and people in real browsers."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests import footage
from tests.browser.gallery import gallery
from tests.browser.person import Person, chromium
from tests.jupyter_process import JupyterProcess
from tests.sound_server import sound_server

Enter = Callable[..., Person]
P = TypeVar("P", bound=Person)
RESULTS = Path(__file__).resolve().parents[2] / "test-results"
FAILURES = RESULTS / "failures"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of every browser."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    """A real JupyterLab, shared by the tests of one module; each test uses its own room."""
    with JupyterProcess(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def own_lab(tmp_path: Path) -> Iterator[JupyterProcess]:
    """A JupyterLab of this test's own, to be killed and started again."""
    with JupyterProcess(tmp_path) as server:
        yield server


PEOPLE = pytest.StashKey[list[Person]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps what everybody saw when a test failed, before any server is stopped."""
    report = yield
    if report.when == "call" and report.failed:
        for someone in item.stash.get(PEOPLE, []):
            # A page that does not answer costs its evidence, and not the tests that follow.
            with suppress(pytest.fail.Exception):
                someone.keep_evidence(FAILURES / f"{item.name}-{someone.name}")
    return report


@contextmanager
def visitors(
    kind: Callable[..., P], playwright: Playwright, item: pytest.Item
) -> Iterator[Callable[..., P]]:
    """Lets named people of one ``kind`` open browsers of their own; all are closed at the end."""
    people: list[P] = []
    item.stash[PEOPLE] = people  # type: ignore[misc]

    def enter(name: str, server: object, **options: object) -> P:
        someone = kind(playwright, name, server, **options)
        people.append(someone)
        return someone

    yield enter
    for someone in people:
        someone.close()


@pytest.fixture
def person(playwright: Playwright, request: pytest.FixtureRequest) -> Iterator[Enter]:
    """Lets a named person open a browser of their own, closed when the test ends."""
    with visitors(Person, playwright, request.node) as enter:
        yield enter


@pytest.fixture(scope="session")
def talking_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fake camera that shows real footage (640 × 360, 20 frames/s)."""
    path = tmp_path_factory.mktemp("camera") / "carphone.y4m"
    frames = list(footage.carphone_frames(60))
    return footage.write_y4m(path, [footage.enlarge(frame) for frame in frames])


@pytest.fixture(scope="session")
def hopping_head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another fake camera, with another star."""
    path = tmp_path_factory.mktemp("camera") / "bunny.y4m"
    frames = list(footage.frames("bigbuckbunny", 90))[40:]
    return footage.write_y4m(path, [footage.enlarge(frame) for frame in frames])


@pytest.fixture(scope="session")
def coded_camera(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Makes fake cameras that show a 16-bit code."""
    folder = tmp_path_factory.mktemp("codes")

    def make(code: int) -> Path:
        path = folder / f"{code:04x}.y4m"
        if not path.exists():
            footage.write_y4m(path, [footage.coded_picture(code)] * 4)
        return path

    return make


@pytest.fixture(scope="session")
def tone_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """Makes fake microphones that play a sine."""
    folder = tmp_path_factory.mktemp("tones")
    return lambda hertz: footage.tone(folder / f"{hertz:.0f}.wav", hertz)


@pytest.fixture(scope="session")
def sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A sound card that plays to nobody, as environment: Firefox's audio does not run without one."""
    with sound_server(tmp_path_factory.mktemp("pulse"), "module-null-sink") as environment:
        yield environment


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where screenshots for people go."""
    path = RESULTS / "screenshots"
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery: the interface without a server, and so without any policy of a server's."""
    with gallery(tmp_path_factory.mktemp("gallery")) as url:
        yield url


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser for all pages of a module."""
    with playwright.chromium.launch(
        executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
    ) as opened:
        yield opened
