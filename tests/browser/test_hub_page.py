"""The hub service's plain page, by real browsers: no notebook, a phone, a guest without an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Playwright, expect

from tests.browser.conftest import PEOPLE, visitors
from tests.browser.hub_person import HubPerson
from tests.browser.legibility import flaws
from tests.browser.person import PATIENCE_MS
from tests.browser.pictures import png
from tests.hub_process import HubProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

PHONE = (360, 740)
POLICY = """
[default]
create = ["everyone"]
join = ["everyone"]
moderate = ["owner"]
guests = true

[[rooms]]
pattern = "staff/*"
create = ["group:staff"]
join = ["group:staff"]
see = ["group:staff"]
"""
QUICK = "c.MeetHub.recheck_interval = 1.0\nc.MeetHub.identity_cache = 1.0\n"
Enter = Callable[..., HubPerson]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub below a path, where guests are allowed; each test uses rooms and users of its own."""
    folder = tmp_path_factory.mktemp("hub")
    policy = folder / "rooms.toml"
    policy.write_text(POLICY)
    options = f"{QUICK}c.MeetHub.allow_guests = True\nc.MeetHub.policy_file = {str(policy)!r}\n"
    with HubProcess(
        folder, service="external", base_url="/our/hub/", service_config=options
    ) as process:
        yield process


@pytest.fixture
def enter(playwright: Playwright, request: pytest.FixtureRequest) -> Iterator[Enter]:
    """Lets a named user of a hub open a browser of their own, closed when the test ends.

    Nobody's page may have broken its own content security policy meanwhile, nor thrown an error.
    """
    with visitors(HubPerson, playwright, request.node) as enter:
        yield enter
    for someone in request.node.stash[PEOPLE]:
        refused = [line for line in someone.console if "Content Security Policy" in line]
        assert not refused, someone.name
        assert not someone.errors, someone.name


def join_page(person: HubPerson, room: str) -> None:
    """Opens the room's own page and presses its Join button."""
    person.open_page(room)
    person.find("mw-rejoin").click()
    person.wait_live()


SHARE = """
(data) => {
  for (const slots of globalThis[Symbol.for('meetwidget')].versions.values()) {
    for (const session of slots.get('sessions')?.values() ?? []) session.say('see', { data });
  }
}
"""
TABLE = (
    '<style>#cell { font-weight: 700 }</style><table><tr style="text-align: right">'
    '<td id="cell" style="color: rgb(200, 0, 0)">0.934</td></tr></table>'
)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><style>path { fill: red }</style>'
    '<path d="M0 0h20v20z" style="stroke: blue"/></svg>'
)


def reads_rich_text(writer: HubPerson, readers: tuple[HubPerson, ...]) -> None:
    """Formulas have their fonts and code and tables their colours, under the page's policy."""
    writer.say("so $\\vec v = \\sqrt{x}$ and `code`:\n```python\ndef f(): ...\n```")
    writer.page.evaluate(SHARE, {"text/html": TABLE, "text/plain": "0.934"})
    writer.page.evaluate(SHARE, {"image/svg+xml": DRAWING})
    for reader in readers:
        reader.page.locator(".mw-prose .katex").first.wait_for()
        reader.page.locator(".mw-code .hljs-keyword").first.wait_for()
        drawing = reader.page.locator("img.mw-picture").first
        drawing.wait_for()
        assert drawing.evaluate("(e) => e.decode().then(() => e.naturalWidth)") == 60
        cell = reader.page.locator(".mw-html #cell").first
        assert cell.evaluate("(e) => getComputedStyle(e).color") == "rgb(200, 0, 0)"
        assert cell.evaluate("(e) => getComputedStyle(e).fontWeight") == "700"
        reader.page.wait_for_function(
            "[...document.fonts].some((f) => f.family === 'KaTeX_Main' && f.status === 'loaded')"
        )


def fits(person: HubPerson) -> None:
    """Nothing is wider or, in a room, higher than the window; leaving and writing are in reach."""
    assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert person.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for part in ("mw-leave", "mw-chat-input"):
        expect(person.find(part)).to_be_in_viewport(ratio=1)


def test_people_on_the_page_and_in_lab_meet(
    enter: Enter, hub: HubProcess, coded_camera: Callable[[int], Path], screenshots: Path
) -> None:
    """Two people on the page, one of them with a phone, and one in JupyterLab see and read each other."""
    codes = {"ada": 0xA5C3, "bob": 0x3A5C, "cyd": 0x0FF0}
    cyd = enter("cyd", hub, camera=coded_camera(codes["cyd"]))
    cyd.join("physics/lab-3")
    ada = enter("ada", hub, camera=coded_camera(codes["ada"]))
    bob = enter("bob", hub, camera=coded_camera(codes["bob"]), size=PHONE, theme="dark")
    for someone in (ada, bob):
        join_page(someone, "physics/lab-3")
    everybody = (ada, bob, cyd)
    for someone in everybody:
        someone.find("mw-cam").click()
    for someone in everybody:
        for other in everybody:
            if other is not someone:
                someone.sees_code(other.name, codes[other.name])
    for someone in everybody:
        someone.say(f"hello from {someone.name}")
    for someone in everybody:
        for other in everybody:
            someone.sees_message(f"hello from {other.name}")
    reads_rich_text(ada, everybody)
    fits(bob)
    bob.page.screenshot(path=screenshots / "hub-phone.png")
    fits(ada)
    ada.page.set_viewport_size({"width": 1500, "height": 900})
    fits(ada)
    bob.page.set_viewport_size({"width": 740, "height": 360})
    fits(bob)
    # A phone with its keyboard open.
    bob.page.set_viewport_size({"width": 360, "height": 400})
    fits(bob)


def test_rooms_are_listed_joined_and_left(enter: Enter, hub: HubProcess) -> None:
    """The first page lists what one may see, opens a room by its name, and is there again after leaving."""
    dan = enter("dan", hub)
    dan.open_page()
    expect(dan.find("mp-who")).to_have_text("dan")
    dan.find("mp-room-name").fill("no room!")
    dan.find("mp-join").click()
    expect(dan.find("mp-room-hint")).to_contain_text("letters, digits")
    assert dan.page.url == hub.service_url
    dan.find("mp-room-name").fill("dans-room")
    dan.find("mp-join").click()
    dan.wait_live()
    assert dan.page.url == f"{hub.service_url}rooms/dans-room"
    assert dan.page.title() == "dans-room · Meet"

    eve = enter("eve", hub, size=PHONE)
    eve.open_page()
    row = eve.page.locator("[data-testid=mp-room][data-room=dans-room]")
    expect(row).to_have_attribute("data-live", "true")
    row.click()
    eve.wait_live()
    eve.find("mw-leave").click()
    expect(eve.find("mp-left")).to_contain_text("dans-room")
    assert eve.page.url == hub.service_url
    eve.find("mp-left").get_by_role("button").click()
    eve.wait_live()
    # Going back in the browser leaves, too: nobody stays in a room that is not on the screen.
    eve.page.go_back()
    eve.find("mp-home-page").wait_for()
    dan.waits_for("Eve to be gone", lambda: dan.find("mw-count").inner_text().startswith("1"))


def test_reload_asks_before_it_joins_again(enter: Enter, hub: HubProcess) -> None:
    """Loading a room's page anew enters nothing by itself; one click, and the chat is there."""
    fay = enter("fay", hub)
    join_page(fay, "fays-room")
    fay.say("before the reload")
    fay.sees_message("before the reload")
    fay.page.reload()
    fay.find("mw-ask").wait_for()
    fay.find("mw-rejoin").click()
    fay.wait_live()
    fay.sees_message("before the reload")


def test_who_may_not_enter_reads_why(enter: Enter, hub: HubProcess) -> None:
    """Somebody outside a room's group is told so on its page, and does not see it in the list."""
    gus = enter("gus", hub)
    gus.open_page("staff/plans")
    gus.find("mw-rejoin").click()
    gus.find("mw-ended").wait_for()
    assert gus.find("mw-ended").locator("p").inner_text().strip().endswith(".")
    gus.find("mp-home").click()
    gus.find("mp-home-page").wait_for()
    assert gus.page.locator("[data-room^='staff/']").count() == 0


def test_sign_out_ends_the_meeting_and_offers_the_way_back(enter: Enter, hub: HubProcess) -> None:
    """Who signs out of the hub in another tab is out of the room, and reads how to come back."""
    hal = enter("hal", hub)
    join_page(hal, "hals-room")
    other = hal.context.new_page()
    other.goto(f"{hub.url}hub/logout")
    hal.find("mp-signed-out").wait_for()
    hal.find("mp-signed-out").get_by_role("button").click()
    hal.page.locator("#username_input").wait_for()


def test_page_never_speaks_for_somebody_else(enter: Enter, hub: HubProcess) -> None:
    """When another user signs in in this browser, a page that is looked at again is theirs."""
    tom = enter("tom", hub)
    tom.open_page()
    expect(tom.find("mp-who")).to_have_text("tom")
    first = tom.page
    tom.page = tom.context.new_page()
    tom.page.goto(f"{hub.url}hub/logout")
    tom.name = "ulf"
    tom.sign_in()
    tom.open_page()
    expect(tom.find("mp-who")).to_have_text("ulf")
    tom.page = first
    tom.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tom.find("mp-who")).to_have_text("ulf")


def carry_files(sender: HubPerson, receiver: HubPerson) -> None:
    """A picture and a file come through: shown and saved by both, under the page's policy."""
    files: list[FilePayload] = [
        {"name": "halves.png", "mimeType": "image/png", "buffer": png(90, 60)},
        {"name": "notes.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"},
    ]
    sender.find("mw-file-input").set_input_files(files)
    expect(sender.page.locator("[data-testid=mw-upload][data-state=done]")).to_have_count(2)
    sender.say("two files")
    for reader in (sender, receiver):
        message = reader.sees_message("two files")
        expect(message.get_by_test_id("mw-picture").locator("img")).to_have_js_property(
            "naturalWidth", 90
        )
        with reader.page.expect_download() as download:
            message.get_by_test_id("mw-file").get_by_role("button").click()
        assert download.value.path().read_bytes() == files[1]["buffer"]


def guest_link(owner: HubPerson, room: str) -> str:
    """Lets a room's owner make a guest link the way people do."""
    join_page(owner, room)
    owner.find("mw-tab-people").click()
    owner.find("mw-settings-toggle").click()
    owner.find("mw-guest-link").click()
    field = owner.find("mw-guest-links").locator("input")
    field.wait_for()
    return field.input_value()


def test_guest_with_a_phone_comes_in_by_a_link_until_it_is_taken_back(
    enter: Enter, hub: HubProcess, coded_camera: Callable[[int], Path]
) -> None:
    """A guest gives a name, is marked as a guest, sees and writes, and is out when the link ends."""
    ida = enter("ida", hub, camera=coded_camera(0x5A5A))
    link = guest_link(ida, "idas-room")
    zoe = enter("zoe", hub, size=PHONE)
    zoe.page.goto(link)
    zoe.find("mp-guest-join").click()
    expect(zoe.find("mp-guest-hint")).to_contain_text("name")
    zoe.find("mp-guest-name").fill("Zoë from outside")
    zoe.find("mp-guest-join").click()
    zoe.wait_live()
    ida.find("mw-cam").click()
    zoe.sees_code("ida", 0x5A5A)
    zoe.say("I have no account")
    ida.find("mw-tab-chat").click()
    message = ida.sees_message("I have no account")
    assert "Zoë from outside" in message.inner_text()
    assert "guest" in message.inner_text()
    carry_files(zoe, ida)
    fits(zoe)
    # A guest whose page is loaded anew is the same guest.
    number = ida.find("mw-count").inner_text()
    zoe.page.reload()
    assert zoe.find("mp-guest-name").input_value() == "Zoë from outside"
    zoe.find("mp-guest-join").click()
    zoe.wait_live()
    assert ida.find("mw-count").inner_text() == number

    ida.find("mw-tab-people").click()
    ida.find("mw-guest-links").get_by_role("button", name="Revoke").click()
    zoe.page.locator("[data-testid=mw-room][data-phase=ended]").wait_for()
    zoe.page.reload()
    zoe.find("mp-guest-join").click()
    expect(zoe.find("mp-guest-refused")).to_contain_text("Ask for a new one")


def test_half_a_guest_link_is_explained(enter: Enter, hub: HubProcess) -> None:
    """A link whose secret was cut off says so; one that never was good says no more than that."""
    una = enter("una", hub, size=PHONE)
    una.page.goto(f"{hub.service_url}guest")
    una.find("mp-guest-no-link").wait_for()
    una.page.goto(f"{hub.service_url}guest#never-given-out")
    una.find("mp-guest-name").fill("Una")
    una.find("mp-guest-join").click()
    una.find("mp-guest-refused").wait_for()


def test_page_is_there_again_after_the_service_was_away(enter: Enter, hub: HubProcess) -> None:
    """List and rooms say that the service is away; when it is back they go on, guests included."""
    max_ = enter("max", hub)
    link = guest_link(max_, "maxs-room")
    yan = enter("yan", hub, size=PHONE)
    yan.page.goto(link)
    yan.find("mp-guest-name").fill("Yan")
    yan.find("mp-guest-join").click()
    yan.wait_live()
    nia = enter("nia", hub)
    nia.open_page()
    nia.page.locator("[data-room=maxs-room]").wait_for()

    hub.kill_service()
    expect(nia.find("mp-stale")).to_contain_text("out of date")
    for someone in (max_, yan):
        someone.page.locator("[data-testid=mw-room][data-phase=reconnecting]").wait_for()

    hub.start_service()
    for someone in (max_, yan):
        someone.wait_live()
    max_.find("mw-tab-chat").click()
    yan.say("back again")
    assert "Yan" in max_.sees_message("back again").inner_text()
    nia.find("mp-stale").get_by_role("button").click()
    nia.find("mp-stale").wait_for(state="detached")


def test_firefox_on_the_page_meets_chromium(
    enter: Enter,
    hub: HubProcess,
    coded_camera: Callable[[int], Path],
    tone_file: Callable[[float], Path],
    sound_card: dict[str, str],
) -> None:
    """Under the page's content security policy Firefox sees and hears Chromium, and is seen."""
    fox = enter("fox", hub, browser="firefox", sound_card=sound_card)
    cleo = enter("cleo", hub, camera=coded_camera(0x6996), microphone=tone_file(880))
    for someone in (fox, cleo):
        join_page(someone, "both-browsers")
        someone.find("mw-cam").click()
    cleo.find("mw-mic").click()
    fox.sees_code("cleo", 0x6996)
    fox.hears(880)
    cleo.waits_for("a picture of fox", lambda: cleo.picture("fox") is not None)


def test_page_has_a_domain_of_its_own_where_users_have(
    enter: Enter, tmp_path: Path, coded_camera: Callable[[int], Path]
) -> None:
    """With a domain per user the page, its calls and its sockets live on the service's host."""
    with HubProcess(tmp_path, subdomain_host="hub.localhost") as hub:
        kim = enter("kim", hub, camera=coded_camera(0xC33C))
        lou = enter("lou", hub)
        assert "meet--service.hub.localhost" in hub.service_url
        for someone in (kim, lou):
            join_page(someone, "apart")
        kim.find("mw-cam").click()
        lou.sees_code("kim", 0xC33C)
        lou.say("each on the service's host")
        kim.sees_message("each on the service's host")
        kim.find("mw-invite").click()
        link = kim.page.locator(".mw-invite input").first.input_value()
        assert link == f"{hub.service_url}rooms/apart"


ROOMS = [
    {"name": "physics-101", "title": "physics-101", "participants": 6, "locked": False},
    {
        "name": "course-101/lab-3",
        "title": "Lab 3: least squares, and what became of them in the end",
        "participants": 2,
        "locked": True,
        "access": "lobby",
    },
    *(
        {
            "name": f"course-101/lab-{number}",
            "title": f"course-101/lab-{number}",
            "participants": 0,
            "locked": False,
            "access": ("open", "invited", "private")[number % 3],
        }
        for number in range(4, 14)
    ),
]


@pytest.mark.parametrize(("theme", "size"), [("light", (1500, 900)), ("dark", PHONE)])
def test_every_state_of_the_first_page_can_be_read_and_hit(
    enter: Enter, hub: HubProcess, screenshots: Path, theme: str, size: tuple[int, int]
) -> None:
    """Many rooms, none, a wrong name and a service that is away: legible, named, large enough."""
    pat = enter("pat", hub, theme=theme, size=size)
    answers: dict[str, object] = {"json": ROOMS}
    pat.context.route("**/api/rooms", lambda route: route.fulfill(**answers))  # type: ignore[arg-type]
    pat.open_page()
    pat.find("mp-room").nth(11).wait_for()
    names = pat.find("mp-room").evaluate_all("all => all.map(one => one.dataset.room)")
    assert names[:2] == ["course-101/lab-3", "physics-101"]
    assert names[2:] == [f"course-101/lab-{number}" for number in range(4, 14)]
    pat.find("mp-join").click()
    expect(pat.find("mp-room-hint")).to_contain_text("needs a name")
    assert flaws(pat.page) == []
    assert pat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pat.page.screenshot(path=screenshots / f"hub-rooms-{theme}.png")

    answers["json"] = []
    pat.page.reload()
    pat.find("mp-no-rooms").wait_for()
    assert flaws(pat.page) == []

    answers["status"], answers["json"] = 503, {"code": "hub-away", "message": "The hub is away."}
    pat.page.reload()
    expect(pat.find("mp-failed")).to_contain_text("The hub is away.")
    assert flaws(pat.page) == []
    answers["status"], answers["json"] = 200, ROOMS[:1]
    pat.find("mp-failed").get_by_role("button").click()
    pat.find("mp-room").wait_for()

    pat.page.goto(f"{hub.service_url}guest#a-link")
    pat.find("mp-guest-name").wait_for()
    assert flaws(pat.page) == []
