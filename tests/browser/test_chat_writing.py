"""Writing in the chat as people do: mentions, private messages, polls, files and what is done with them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import FilePayload, Playwright, expect

from tests.browser.conftest import PEOPLE, visitors
from tests.browser.legibility import flaws
from tests.browser.person import PATIENCE_MS, Person, chromium
from tests.browser.pictures import png
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

Room = tuple[Person, Person, Person]

_DROP = """
(chat, { name, type, base64, bytes }) => {
  const content = base64
    ? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    : new Uint8Array(bytes);
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([content], name, { type }));
  for (const kind of ['dragover', 'drop']) {
    chat.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }
}
"""

_PASTE = """
(box, base64) => {
  const clipboardData = new DataTransfer();
  const content = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  clipboardData.items.add(new File([content], 'image.png', { type: 'image/png' }));
  box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}
"""

# Notifications of the system leave no trace that a test could see: each is noted when it is made.
_NOTED = """
(() => {
  const Real = globalThis.Notification;
  globalThis.__notified = [];
  globalThis.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      globalThis.__notified.push([title, options.body]);
    }
  };
})();
"""


# A tab that is not looked at. Browsers under test hold each of theirs to be in front.
_LOOK = """
(state) => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}
"""


@pytest.fixture(scope="module")
def _trio(
    lab: JupyterProcess, playwright: Playwright, request: pytest.FixtureRequest
) -> Iterator[Room]:
    with visitors(Person, playwright, request.node) as enter:
        ada, bob, cas = (enter(name, lab) for name in ("ada-lovelace", "bob-noyce", "cas"))
        bob.context.grant_permissions(["notifications"])
        bob.page.add_init_script(_NOTED)
        for someone in (ada, bob, cas):
            someone.join("seminar")
        yield ada, bob, cas
        assert [someone.errors for someone in (ada, bob, cas)] == [[], [], []]


@pytest.fixture
def room(_trio: Room, request: pytest.FixtureRequest) -> Room:
    """Ada, who owns the room, Bob and Cas, all in it; shared by the tests of this module."""
    request.node.stash[PEOPLE] = list(_trio)
    return _trio


def attach(someone: Person, what: str) -> None:
    """Chooses something from the menu of what a message can carry."""
    someone.find("mw-attach").click()
    someone.find(f"mw-attach-{what}").click()


def choose(someone: Person, text: str, label: str) -> None:
    """Chooses from the menu of the message with ``text``."""
    message = someone.sees_message(text)
    message.hover()
    message.get_by_test_id("mw-message-more").click()
    message.locator(".mw-popover").get_by_role("button", name=label, exact=True).click()


def test_a_mention_is_completed_by_keyboard_and_reaches_who_looks_elsewhere(room: Room) -> None:
    """Naming Bob by three keys tells him of it: on the closed chat's button, and by his system."""
    ada, bob, cas = room
    bob.find("mw-panel-toggle").click()
    box = ada.find("mw-chat-input")
    box.press_sequentially("Look, @no")
    expect(ada.find("mw-suggestions").get_by_role("option")).to_contain_text(["Bob Noyce"])
    expect(box).to_have_attribute("aria-expanded", "true")
    active = box.get_attribute("aria-activedescendant")
    expect(ada.page.locator(f"[id='{active}']")).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("Look, @Bob Noyce ")
    expect(ada.find("mw-suggestions")).to_have_count(0)
    box.press_sequentially("it works")
    box.press("Enter")

    expect(bob.find("mw-unread")).to_contain_text("@1")
    assert bob.find("mw-unread").get_attribute("title") == "1 new message, 1 mention of you"
    bob.find("mw-panel-toggle").click()
    message = bob.sees_message("it works")
    expect(message).to_have_attribute("data-mentions-me", "true")
    expect(bob.find("mw-unread")).to_have_count(0)

    bob.find("mw-ask-notify").get_by_role("button", name="Yes").click()
    expect(bob.find("mw-ask-notify")).to_have_count(0)
    bob.page.evaluate(_LOOK, "hidden")
    ada.say("@bob-noyce again")
    told = bob.waits_for("a notification", lambda: bob.page.evaluate("__notified"))
    assert told == [["Ada Lovelace mentioned you in seminar", "@bob-noyce again"]]
    bob.waits_for("the mark in the title", lambda: bob.page.title().startswith("(1) "))
    bob.page.evaluate("document.title = 'named anew'")
    bob.waits_for("the mark again", lambda: bob.page.title() == "(1) named anew")
    bob.page.evaluate(_LOOK, "visible")
    bob.waits_for("the title as it was", lambda: not bob.page.title().startswith("(1) "))
    expect(cas.sees_message("again")).to_have_attribute("data-mentions-me", "false")


def test_short_names_become_emoji(room: Room) -> None:
    """A short name is offered after two letters, and replaced once it is finished."""
    ada, bob, _ = room
    box = ada.find("mw-chat-input")
    box.press_sequentially("done :tad")
    ada.find("mw-suggestions").get_by_role("option").filter(has_text=":tada:").first.wait_for()
    box.press("Tab")
    box.press_sequentially("and :rocket:")
    expect(box).to_have_value("done 🎉 and 🚀")
    box.press("Enter")
    bob.sees_message("done 🎉 and 🚀")


def test_a_private_message_is_for_its_readers_only_and_answered_in_private(room: Room) -> None:
    """What Ada writes to Bob is marked, Cas never gets it, and Bob's reply is private by itself."""
    ada, bob, cas = room
    attach(ada, "private")
    ada.page.locator(".mw-readers").get_by_label("Bob Noyce").check()
    ada.find("mw-private-done").click()
    expect(ada.find("mw-private-line")).to_contain_text("Only for Bob Noyce")
    ada.say("between us")
    expect(ada.sees_message("between us").get_by_test_id("mw-private")).to_contain_text("Bob")
    message = bob.sees_message("between us")
    expect(message.get_by_test_id("mw-private")).to_contain_text("only for you")

    message.hover()
    message.get_by_role("button", name="Reply", exact=True).click()
    expect(bob.find("mw-private-line")).to_contain_text("Only for Ada Lovelace")
    bob.say("just us two")
    ada.sees_message("just us two")
    for someone in (ada, bob):
        someone.find("mw-private-line").get_by_role("button").click()
        expect(someone.find("mw-private-line")).to_have_count(0)
    ada.say("for everybody")
    cas.sees_message("for everybody")
    assert not [text for text in cas.messages() if "us" in text]


def test_a_poll_is_asked_answered_changed_and_closed(room: Room) -> None:
    """Votes show at once for everybody, a second thought moves one, and the end is final."""
    ada, *_ = room
    attach(ada, "poll")
    box = ada.find("mw-chat-input")
    box.fill("Which optimiser?")
    box.press("Enter")
    expect(ada.page.locator(".mw-composer-note")).to_contain_text("two different answers")
    answers = ada.find("mw-poll-answer")
    answers.first.fill("SGD")
    answers.first.press("Enter")
    answers.nth(1).fill("Adam")
    answers.nth(1).press("Enter")
    answers.nth(2).fill("L-BFGS")
    box.press("Enter")

    asked = [someone.sees_message("Which optimiser?") for someone in room]
    polls = [message.get_by_test_id("mw-poll") for message in asked]
    options = [poll.get_by_test_id("mw-option") for poll in polls]
    options[1].nth(0).click()
    options[2].nth(1).press("Enter")
    for poll in polls:
        expect(poll.get_by_test_id("mw-voters")).to_have_text("2 people voted")
    options[1].nth(1).click()
    for option in options:
        expect(option.nth(1)).to_contain_text("2")
        expect(option.nth(0)).to_contain_text("0")
    expect(options[1].nth(1)).to_have_accessible_name("Adam: 2 votes, 100 %, your choice")
    expect(options[0].nth(1)).to_have_accessible_name("Adam: 2 votes, 100 %")
    expect(options[1].nth(0)).to_have_attribute("aria-pressed", "false")

    expect(polls[1].get_by_test_id("mw-poll-close")).to_have_count(0)
    polls[0].get_by_test_id("mw-poll-close").click()
    for poll in polls:
        expect(poll).to_have_attribute("data-closed", "true")
    expect(options[1].nth(2)).to_have_attribute("aria-disabled", "true")


def test_a_picture_and_a_file_come_through_as_they_were(room: Room) -> None:
    """A pasted picture has its size at once and opens large; a dropped file is saved byte by byte."""
    ada, bob, _ = room
    picture = base64.b64encode(png(120, 40)).decode()
    ada.find("mw-chat-input").evaluate(_PASTE, picture)
    content = bytes(range(256)) * 40
    table = base64.b64encode(content).decode()
    chat = ada.page.locator(".mw-chat")
    chat.evaluate(_DROP, {"name": "notes.bin", "type": "", "base64": table})
    expect(ada.page.locator("[data-testid=mw-upload][data-state=done]")).to_have_count(2)
    ada.find("mw-chat-input").fill("my results")
    ada.find("mw-chat-send").click()

    message = bob.sees_message("my results")
    shown = message.get_by_test_id("mw-picture")
    box = shown.bounding_box()
    assert box is not None
    assert abs(box["width"] / box["height"] - 3) < 0.05
    expect(shown.locator("img")).to_have_js_property("naturalWidth", 120)
    shown.click()
    expect(bob.find("mw-lightbox").locator("img")).to_be_visible()
    bob.page.keyboard.press("Escape")
    expect(bob.find("mw-lightbox")).to_have_count(0)
    expect(shown).to_be_focused()

    with bob.page.expect_download() as download:
        message.get_by_test_id("mw-file").get_by_role("button").click()
    assert download.value.suggested_filename == "notes.bin"
    assert download.value.path().read_bytes() == content


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(room: Room) -> None:
    """The limit is told with the file's size, and nothing is sent."""
    ada, *_ = room
    sent: list[str] = []
    ada.page.on("request", lambda request: sent.append(request.url))
    chat = ada.page.locator(".mw-chat")
    chat.evaluate(_DROP, {"name": "film.mp4", "type": "video/mp4", "bytes": 27_000_000})
    notice = ada.page.locator(".mw-notice", has_text="film.mp4")
    expect(notice).to_contain_text("film.mp4 has 27 MB; a file here may have at most")
    assert not [url for url in sent if "/files" in url]


def test_messages_are_edited_copied_pinned_and_deleted(room: Room) -> None:
    """The arrow up edits the last message; a moderator pins and deletes, others cannot."""
    ada, bob, cas = room
    bob.say("a smal mistake")
    bob.sees_message("a smal mistake")
    box = bob.find("mw-chat-input")
    box.press("ArrowUp")
    expect(box).to_have_value("a smal mistake")
    box.fill("a small mistake")
    box.press("Enter")
    expect(cas.sees_message("a small mistake")).to_contain_text("edited")

    menu = cas.sees_message("a small mistake")
    menu.hover()
    menu.get_by_test_id("mw-message-more").click()
    labels = menu.locator(".mw-popover").get_by_role("button").all_inner_texts()
    assert labels == ["Copy the text", "Reply privately"]
    cas.context.grant_permissions(["clipboard-read", "clipboard-write"])
    menu.locator(".mw-popover").get_by_role("button", name="Copy the text").click()
    assert cas.page.evaluate("navigator.clipboard.readText()") == "a small mistake"

    choose(ada, "a small mistake", "Pin for everybody")
    for someone in room:
        someone.sees_message("a small mistake").locator(".mw-message-pin").wait_for()
    ada.find("mw-chat-input").click()
    expect(ada.page.locator(".mw-tools")).to_have_count(0)
    choose(ada, "a small mistake", "Delete")
    ada.page.locator(".mw-tools[data-sure]").get_by_role("button", name="Delete").click()
    bob.sees_message("Message deleted")
    assert "a small mistake" not in cas.messages()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_polls_files_and_what_is_put_together_can_be_read_and_hit(
    playwright: Playwright, address: str, theme: Literal["light", "dark"]
) -> None:
    """Everything has contrast, a name and a size to hit, in a side bar too, where nothing spills."""
    with playwright.chromium.launch(
        executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
    ) as browser:
        page = browser.new_page(color_scheme=theme, viewport={"width": 320, "height": 940})
        page.set_default_timeout(PATIENCE_MS)
        for state in ("files", "polls"):
            page.goto(f"{address}?state={state}&owner&fill=900&width=280")
            page.get_by_test_id("mw-message").last.wait_for()
            assert flaws(page) == [], state
        page.get_by_test_id("mw-attach").click()
        page.get_by_test_id("mw-attach-private").click()
        assert flaws(page) == []
        page.locator(".mw-readers").get_by_label("Chen Wei").check()
        page.get_by_test_id("mw-private-done").click()
        page.get_by_test_id("mw-attach").click()
        page.get_by_test_id("mw-attach-poll").click()
        files: list[FilePayload] = [
            {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": b"1"}
            for name in ("a", "b" * 120)
        ]
        page.get_by_test_id("mw-file-input").set_input_files(files)
        expect(page.locator("[data-testid=mw-upload][data-state=done]")).to_have_count(2)
        page.get_by_test_id("mw-chat-input").press_sequentially("@a")
        page.get_by_test_id("mw-suggestions").wait_for()
        assert flaws(page) == []
        chat = page.locator(".mw-chat")
        assert chat.evaluate("e => e.scrollWidth <= e.clientWidth")
        assert chat.evaluate("e => e.querySelector('.mw-thread').clientHeight") > 60
