"""Pictures of the room in all sizes, taken to be looked at, and what must hold in each.

The gallery plays the room, so that a picture costs a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.legibility import flaws

pytestmark = pytest.mark.browser

WIDTHS = {
    "sidebar": "width=300&fill=860",
    "narrow": "width=420",
    "wide": "width=1400",
}
PATIENCE_MS = 30_000

_BOXES = """
() => {
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  return {
    stage: box(document.querySelector('[data-testid=mw-stage]')),
    tiles: [...document.querySelectorAll('[data-testid=mw-tile]')].map(box),
    pager: [...document.querySelectorAll('[data-testid=mw-pager] button')].map(box),
  };
}
"""
_SPILL = """
() => [document.querySelector('.mw-room'), document.documentElement]
  .map((element) => element.scrollWidth - element.clientWidth)
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of this test's own, without motion."""
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    opened.close()


def show(page: Page, url: str) -> None:
    """Opens a state of the gallery."""
    page.goto(url)
    page.get_by_test_id("mw-tile").first.wait_for()


def apart(a: list[float], b: list[float]) -> bool:
    """Whether two boxes (left, top, right, bottom) share no pixel."""
    return a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1


def assert_tidy(page: Page, tiles: int | None = None) -> None:
    """Tiles are 16:9, on the stage, apart from each other and the pager; nothing spills or hides."""
    found = page.evaluate(_BOXES)
    boxes = found["tiles"]
    if tiles is not None:
        assert len(boxes) == tiles
    left, top, right, bottom = found["stage"]
    for index, box in enumerate(boxes):
        width, height = box[2] - box[0], box[3] - box[1]
        assert width >= 80, boxes
        assert abs(width / height - 16 / 9) < 0.06, boxes
        assert box[0] >= left, boxes
        assert box[1] >= top, boxes
        assert box[2] <= right, boxes
        assert box[3] <= bottom, boxes
        for other in [*boxes[index + 1 :], *found["pager"]]:
            assert apart(box, other), boxes
    assert max(page.evaluate(_SPILL)) <= 0
    assert flaws(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("place", list(WIDTHS))
def test_grids(
    page: Page,
    address: str,
    screenshots: Path,
    place: str,
    theme: Literal["light", "dark"],
) -> None:
    """1, 2, 5, 9 and 16 tiles are tidy and legible in every width and theme, and so are 30."""
    page.emulate_media(color_scheme=theme)
    for count in (1, 2, 5, 9, 16, 30):
        state = "alone" if count == 1 else "room"
        show(page, f"{address}?state={state}&n={count}&{WIDTHS[place]}")
        room = page.get_by_test_id("mw-room")
        room.screenshot(path=screenshots / f"grid-{count:02}-{place}-{theme}.png")
        everybody = count if count <= 9 or (count == 16 and place != "sidebar") else None
        assert_tidy(page, everybody)
        expect(page.get_by_test_id("mw-pager")).to_have_count(0 if everybody else 1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_other_views(
    page: Page, address: str, screenshots: Path, theme: Literal["light", "dark"]
) -> None:
    """Speaker view, shared screen, signs of quality and the small window are tidy and legible."""
    page.emulate_media(color_scheme=theme)
    for state in ("spotlight", "share", "sharing", "quality", "float"):
        for place, query in WIDTHS.items():
            show(page, f"{address}?state={state}&n=8&{query}")
            if state == "float":
                page.get_by_test_id("mw-float").wait_for()
            page.screenshot(path=screenshots / f"{state}-{place}-{theme}.png")
            assert_tidy(page)


def test_a_paused_tile_says_why_and_shows_what_was_measured(page: Page, address: str) -> None:
    """A paused tile, its card and the header agree on what is wrong and whose side it is."""
    show(page, f"{address}?state=quality&n=4&width=1400")
    tile = page.locator("[data-testid=mw-tile][data-participant=p2]")
    expect(tile.get_by_test_id("mw-paused")).to_contain_text("Your connection is slow")
    sign = tile.get_by_test_id("mw-sign")
    expect(sign).to_have_text("Paused")
    sign.focus()
    page.keyboard.press("Enter")
    card = page.get_by_test_id("mw-details")
    for words in ("the picture is paused", "640 × 360", "kbit/s", "VP8", "40 ms"):
        expect(card).to_contain_text(words)
    page.keyboard.press("Escape")
    card.wait_for(state="detached")
    expect(page.get_by_test_id("mw-status")).to_have_text("poor")


def test_pages_turn_by_button_and_key_and_speakers_come_to_the_first(
    page: Page, address: str
) -> None:
    """Thirty people make two pages; who speaks on the second changes places with one of the first."""
    show(page, f"{address}?state=room&n=30&width=1400")
    number = page.get_by_test_id("mw-page")
    names = page.get_by_test_id("mw-tile")
    first = names.evaluate_all("all => all.map(tile => tile.dataset.participant)")
    page.get_by_label("Next page").click()
    expect(number).to_have_text("2/2")
    page.get_by_test_id("mw-pin").first.focus()
    for key, expected in (("PageUp", "1/2"), ("PageDown", "2/2"), ("ArrowLeft", "1/2")):
        page.keyboard.press(key)
        expect(number).to_have_text(expected)
    page.evaluate("engine.speaking.value = new Set(['p28'])")
    page.locator("[data-testid=mw-tile][data-participant=p28]").wait_for()
    now = names.evaluate_all("all => all.map(tile => tile.dataset.participant)")
    assert len(now) == len(first)
    assert sum(a != b for a, b in zip(now, first, strict=True)) == 1


def test_the_own_picture_stays_hidden_after_a_reload(page: Page, address: str) -> None:
    """Hiding oneself takes one's own tile away, now and on the next visit, until it is undone."""
    show(page, f"{address}?state=room&n=3&width=760")
    own = page.locator("[data-testid=mw-tile][data-self=true]")
    assert own.count() == 1
    page.get_by_test_id("mw-view").click()
    page.get_by_test_id("mw-hide-self").click()
    own.wait_for(state="detached")
    page.reload()
    page.get_by_test_id("mw-tile").first.wait_for()
    assert own.count() == 0
    page.get_by_test_id("mw-view").click()
    page.get_by_test_id("mw-hide-self").click()
    own.wait_for()


def test_a_room_out_of_sight_offers_the_small_window(page: Page, address: str) -> None:
    """Scrolled away, the room offers to float, does so by itself from then on, and comes back."""
    show(page, f"{address}?state=room&n=4&width=760")
    page.evaluate("document.body.style.paddingBottom = '3000px'")
    page.evaluate("scrollTo(0, 2500)")
    offer = page.get_by_test_id("mw-float-offer")
    offer.wait_for()
    assert page.get_by_test_id("mw-float").count() == 0
    offer.get_by_text("Keep the meeting in sight").click()
    small = page.get_by_test_id("mw-float")
    small.wait_for()
    assert offer.count() == 0
    page.evaluate("scrollTo(0, 0)")
    small.wait_for(state="detached")
    page.locator("[data-testid=mw-room] [data-testid=mw-tile]").first.wait_for()
    page.evaluate("scrollTo(0, 2500)")
    small.wait_for()
