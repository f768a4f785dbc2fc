"""People with servers of their own on one hub meet: pictures, chat, kernels, moderation, restarts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import visitors
from tests.browser.hub_person import HubPerson
from tests.hub_process import HubProcess

pytestmark = pytest.mark.browser

GroupsOfHub = {"instructors": ["ida"], "course-101": ["ada", "bob"]}
POLICY = """
[default]
create = ["everyone"]
join = ["everyone"]

[[rooms]]
pattern = "{course}/*"
create = ["group:{course}", "group:instructors"]
join = ["group:{course}", "group:instructors"]
moderate = ["group:instructors"]
owner = "hub"
guests = true
"""
Enter = Callable[..., HubPerson]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub with a course, its instructor, and guest links allowed; its parts restart singly."""
    folder = tmp_path_factory.mktemp("hub")
    policy = folder / "rooms.toml"
    policy.write_text(POLICY)
    setup = {"policy": str(policy), "allow_guests": True}
    with HubProcess(folder, service="managed", groups=GroupsOfHub, setup=setup) as process:
        yield process


@pytest.fixture
def enter(playwright: Playwright, request: pytest.FixtureRequest) -> Iterator[Enter]:
    """Lets a named user of a hub open a browser of their own, closed when the test ends."""
    with visitors(HubPerson, playwright, request.node) as enter:
        yield enter


def meet(
    enter: Enter, hub: HubProcess, room: str, coded_camera: Callable[[int], Path]
) -> tuple[HubPerson, HubPerson]:
    """Ada and Bob join from their own servers, see each other's camera and write."""
    ada = enter("ada", hub, camera=coded_camera(0xA5C3))
    bob = enter("bob", hub, camera=coded_camera(0x3A5C))
    hub.spawn("ada", "bob")
    for someone in (ada, bob):
        someone.join(room)
        someone.find("mw-cam").click()
    see_each_other(ada, bob)
    ada.say("hello bob")
    bob.sees_message("hello bob")
    return ada, bob


def see_each_other(ada: HubPerson, bob: HubPerson) -> None:
    """Both see the other's camera, live."""
    bob.sees_code("ada", 0xA5C3)
    ada.sees_code("bob", 0x3A5C)


def open_people(person: HubPerson) -> None:
    """Shows the list of people."""
    if person.find("mw-people").count() == 0:
        if person.find("mw-tab-people").count() == 0:
            person.find("mw-panel-toggle").click()
        person.find("mw-tab-people").click()
    person.find("mw-people").wait_for()


def test_two_users_and_their_kernels_meet(
    enter: Enter, hub: HubProcess, coded_camera: Callable[[int], Path]
) -> None:
    """Two users with servers of their own see each other and chat; a kernel writes as a kernel."""
    ada, bob = meet(enter, hub, "course-101/lab-3", coded_camera)
    bob.say("hello ada")
    ada.sees_message("hello ada")
    ada.open_notebook(
        "import meetwidget\nroom = meetwidget.join('course-101/lab-3')\nroom.chat.send('2 + 2 = 4')"
    )
    ada.run_cell()
    bob.sees_message("2 + 2 = 4")
    open_people(bob)
    bob.find("mw-people").get_by_text("Ada", exact=False).first.wait_for()
    bob.waits_for(
        "the kernel in the list of people",
        lambda: "kernel" in bob.find("mw-people").inner_text().lower(),
    )
    assert bob.errors == []


def test_user_without_the_right_reads_why(enter: Enter, hub: HubProcess) -> None:
    """A user outside the course is told in one sentence that the room is not theirs to join."""
    eve = enter("eve", hub)
    eve.open_notebook("%load_ext meetwidget\n%meet join course-101/lab-3")
    eve.run_cell()
    eve.page.locator("[data-testid=mw-room][data-phase=ended]").first.wait_for()
    text = eve.room.first.inner_text()
    assert "course-101" in text
    assert "Traceback" not in eve.page.locator(".jp-OutputArea").first.inner_text()


def test_instructor_mutes_and_removes(
    enter: Enter, hub: HubProcess, tone_file: Callable[[float], Path]
) -> None:
    """An instructor silences a participant and puts them out, and they do not get back in."""
    ida = enter("ida", hub)
    bob = enter("bob", hub, microphone=tone_file(1250))
    hub.spawn("ida", "bob")
    ida.join("course-101/exam")
    bob.join("course-101/exam")
    ida.page.mouse.click(5, 5)
    bob.find("mw-mic").click()
    ida.hears(1250)
    open_people(ida)
    row = ida.find("mw-people").locator("li", has_text="bob")
    row.hover()
    row.get_by_role("button", name="Mute bob").click()
    ida.waits_for("silence", lambda: ida.loudness() < 0.001)
    bob.page.locator("[data-testid=mw-mic][aria-pressed=false]").wait_for()
    row.hover()
    row.get_by_role("button", name="Remove bob").click()
    ida.page.get_by_role("button", name="Remove", exact=True).click()
    bob.page.locator("[data-testid=mw-room][data-phase=ended]").first.wait_for()
    again = enter("bob", hub)
    again.open_page("course-101/exam")
    again.page.get_by_role("button", name="Join").first.click()
    again.page.locator("[data-testid=mw-room][data-phase=ended]").first.wait_for()


def test_meeting_outlives_the_hub(
    enter: Enter, hub: HubProcess, coded_camera: Callable[[int], Path]
) -> None:
    """While the hub is gone and comes back, people who are in go on meeting or are back by themselves."""
    ada, bob = meet(enter, hub, "course-101/hub-restart", coded_camera)
    hub.restart_hub()
    bob.wait_live()
    ada.wait_live()
    bob.say("after the hub")
    ada.sees_message("after the hub")
    see_each_other(ada, bob)


def test_meeting_comes_back_after_the_proxy(
    enter: Enter, hub: HubProcess, coded_camera: Callable[[int], Path]
) -> None:
    """When the proxy dies and is started again, pictures and chat come back without a click."""
    ada, bob = meet(enter, hub, "course-101/proxy-restart", coded_camera)
    hub.restart_proxy()
    bob.say("after the proxy")
    ada.sees_message("after the proxy")
    see_each_other(ada, bob)


def test_meeting_comes_back_after_the_service(
    enter: Enter, hub: HubProcess, coded_camera: Callable[[int], Path]
) -> None:
    """When the meeting service crashes and is started again, nobody clicks and no message is lost.

    They come back in the other order than they came, so that each gets what were the other's handles.
    """
    ada, bob = meet(enter, hub, "course-101/service-restart", coded_camera)
    ada.context.set_offline(True)
    hub.restart_service(crash=True)
    bob.wait_live()
    bob.say("after the service")
    ada.context.set_offline(False)
    ada.sees_message("after the service")
    assert ada.messages().count("hello bob") == 1
    see_each_other(ada, bob)


@pytest.fixture
def own_hub(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[HubProcess]:
    """A hub of another shape, for one test."""
    with HubProcess(tmp_path, **request.param) as process:
        yield process


@pytest.mark.parametrize(
    "own_hub",
    [
        pytest.param({"subdomain_host": "hub.test"}, id="a-domain-per-user"),
        pytest.param({"tls": True, "base_url": "/teaching/hub/"}, id="tls-below-a-path"),
    ],
    indirect=True,
)
def test_people_meet_on_other_shapes_of_hub(
    enter: Enter, own_hub: HubProcess, coded_camera: Callable[[int], Path]
) -> None:
    """Pictures both ways and chat also work with a domain per user, and with TLS below a path."""
    meet(enter, own_hub, "lab", coded_camera)


def test_page_of_another_server_cannot_act_for_its_visitor(enter: Enter, hub: HubProcess) -> None:
    """A script on a user's server, on the hub's own origin, gets nothing out of the service.

    The visitor is signed in at the service; the script may fetch, frame, and open windows.
    """
    ada = enter("ada", hub)
    ada.open_page()
    ada.find("mp-home-page").wait_for()
    hub.spawn("ada")
    ada.page.goto(hub.user_url("ada") + "lab")  # a page below /user/, whoever's it is
    base = hub.service_path
    outcome = ada.page.evaluate(
        """async (base) => {
          const post = (path, options = {}) => fetch(base + path, {
            method: 'POST', credentials: 'include', body: '{"room": "lab", "client": "browser"}',
            ...options,
          }).then((r) => r.status);
          const get = (path) => fetch(base + path, { credentials: 'include' }).then((r) => r.status);
          const framed = await new Promise((done) => {
            const frame = document.createElement('iframe');
            frame.src = base;
            frame.onload = () => {
              let text = '';
              try { text = frame.contentDocument?.body?.innerText ?? ''; } catch { /* not ours */ }
              done(text);
            };
            document.body.append(frame);
            setTimeout(() => done(''), 5000);
          });
          document.cookie = `_xsrf=forged; path=${base}`;
          const opened = window.open(base);
          await new Promise((done) => setTimeout(done, 3000));
          let read = null;
          try { read = opened?.document?.cookie || opened?.document?.body?.innerText || null; } catch { read = null; }
          return {
            ticket: await post('api/tickets'),
            forged: await post('api/tickets', { headers: { 'X-XSRFToken': 'forged' } }),
            page: await get(''), rooms: await get('api/rooms'),
            framed, read,
          };
        }""",
        base,
    )
    assert outcome["ticket"] == 403
    assert outcome["forged"] == 403
    assert outcome["page"] in (401, 403)
    assert outcome["rooms"] == 403
    assert "lab" not in outcome["framed"]
    assert "Rooms" not in outcome["framed"]
    assert outcome["read"] is None
