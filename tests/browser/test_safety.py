"""Nothing that anybody writes, shares or calls themselves runs in other people's pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import meetwidget
from tests.browser import hostile
from tests.browser.conftest import Enter
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

TRAP = """
globalThis.__ran = [];
globalThis.pwned = (what) => { globalThis.__ran.push(String(what)); };
for (const name of ['alert', 'confirm', 'prompt', 'open']) {
  globalThis[name] = (what) => { globalThis.__ran.push(`${name} ${what}`); };
}
"""
"""Before everything else on a page: what the corpus calls, if it can."""

# Every element of the room, those in shadow roots too, that could run, load or cover something.
FIND_UNSAFE = """
() => {
  const found = [];
  const safeLink = /^(https?:\\/\\/|mailto:)/;
  const safeSource = /^(data:image\\/(png|jpeg|gif|webp|svg\\+xml)|blob:)/;
  const look = (root, shadow) => {
    for (const element of root.querySelectorAll('*')) {
      const name = element.localName;
      if (/^(script|iframe|frame|object|embed|base|meta|form|video|audio|template)$/.test(name)
          && element.closest('.mw-message')) found.push(name);
      if (shadow && /^(style|link|svg|math|input|button|select|textarea|dialog)$/.test(name)) {
        found.push(`${name} in shared HTML`);
      }
      // A form's own names may be those of its inputs.
      for (const attribute of Element.prototype.getAttributeNames.call(element)) {
        if (/^on/.test(attribute)) found.push(`${name} ${attribute}`);
        if (attribute === 'srcset' || attribute === 'srcdoc' || attribute === 'ping'
            || attribute === 'formaction' || attribute === 'popover') found.push(attribute);
      }
      if (name === 'a' && element.hasAttribute('href') && !safeLink.test(element.href)) {
        found.push(`link to ${element.href}`);
      }
      if (name === 'img' && element.hasAttribute('src') && !safeSource.test(element.src)) {
        found.push(`picture at ${element.src}`);
      }
      if (element.closest('.mw-message') || shadow) {
        const style = getComputedStyle(element);
        if (style.position === 'fixed') found.push(`${name} fixed`);
        if (/url\\(/.test(style.backgroundImage)) found.push(`${name} with a picture behind it`);
      }
      if (element.shadowRoot) look(element.shadowRoot, true);
    }
  };
  look(document.querySelector('[data-testid=mw-room]'), false);
  return found;
}
"""

SHOW = """
(contents) => {
  const { session, message, person } = window;
  session.messages.value = contents.map(({ by, ...content }, index) => {
    const who = person(index % 5);
    const author = by === undefined ? who
      : { ...who, user: { ...who.user, name: by, display_name: by, avatar_url: by } };
    return message(index + 1, author, content.body ?? "", {
      at: 1_700_000_000_000 + index * 1000, ...content,
    });
  });
}
"""


class Watched:
    """A page with everything noted that must not happen on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.add_init_script(TRAP)
        page.route("**/*", self._answer)

    def _answer(self, route: Any) -> None:
        if "evil.example" in route.request.url:
            self.elsewhere.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    def settle(self) -> None:
        """Waits until everything on demand has come and had its say."""
        self.page.wait_for_load_state("networkidle")
        # Handlers of broken pictures and of animations are called in turns of their own.
        self.page.evaluate(
            "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def poke(self) -> None:
        """Moves over, focuses and opens whatever there is, as people do by and by."""
        self.page.evaluate(
            """() => {
              const visit = (root) => {
                for (const element of root.querySelectorAll('*')) {
                  for (const kind of ['pointerenter', 'mouseover', 'focus', 'toggle', 'error', 'load']) {
                    element.dispatchEvent(new Event(kind));
                  }
                  if (element.shadowRoot) visit(element.shadowRoot);
                }
              };
              for (const one of document.querySelectorAll('.mw-message')) visit(one);
            }"""
        )

    def is_untouched(self) -> None:
        """Fails if anything ran, was loaded from elsewhere, or could run later."""
        self.settle()
        self.poke()
        self.settle()
        assert self.page.evaluate("globalThis.__ran") == []
        assert self.elsewhere == []
        assert self.errors == []
        assert self.page.evaluate(FIND_UNSAFE) == []


@pytest.fixture(scope="module")
def shown(browser: Browser, address: str) -> Iterator[Watched]:
    """The gallery's room, its rich text loaded."""
    page = browser.new_page(viewport={"width": 700, "height": 6000})
    watched = Watched(page)
    page.goto(f"{address}?state=rich&n=5&theme=light&width=640&fill=5900")
    page.locator(".mw-prose .katex").first.wait_for()
    yield watched
    page.close()


def show(watched: Watched, contents: list[dict[str, Any]]) -> None:
    """Shows messages with ``contents``, so few at a time that all are in sight, and so are there."""
    for start in range(0, len(contents), 8):
        few = contents[start : start + 8]
        # JSON keeps `__proto__` as a name, which an argument of `evaluate` would not.
        watched.page.evaluate(f"(text) => ({SHOW})(JSON.parse(text))", json.dumps(few))
        watched.page.locator(f"[data-key='m{len(few)}']").wait_for()
        assert watched.page.locator(".mw-message").count() == len(few)
        assert watched.page.locator(".mw-plain").count() == 0
        watched.is_untouched()


def test_trap_catches(shown: Watched) -> None:
    """The corpus does run where nothing stops it: the tests below can fail."""
    page = shown.page.context.browser.new_page()  # type: ignore[union-attr]
    bare = Watched(page)
    page.goto(shown.page.url)
    page.locator(".mw-prose .katex").first.wait_for()
    page.evaluate(
        "(html) => { document.querySelector('.mw-prose').innerHTML = html; }",
        "".join(hostile.HTML),
    )
    page.wait_for_function("globalThis.__ran.length > 3")
    assert bare.elsewhere
    assert page.evaluate(FIND_UNSAFE)
    page.close()


def test_markdown_runs_nothing(shown: Watched) -> None:
    """HTML in a message is text, links lead to web and mail addresses, pictures stay elsewhere."""
    show(shown, [{"body": body} for body in hostile.MARKDOWN])
    show(shown, [{"body": "\n\n".join(hostile.MARKDOWN)}])


def test_formulas_run_nothing(shown: Watched) -> None:
    """No formula links, loads, styles or covers anything, nor keeps the page busy."""
    inline = [{"body": f"${tex}$ and\n\n$$\n{tex}\n$$"} for tex in hostile.LATEX]
    show(shown, inline)


def test_bundles_run_nothing(shown: Watched) -> None:
    """Of a shared MIME bundle nothing runs, whatever its types and whoever made it."""
    show(shown, [{"data": data} for data in hostile.BUNDLES])


def test_names_run_nothing(shown: Watched) -> None:
    """Names of people, files, notebooks, poll options and mentions are text."""
    file = {"id": "f1", "size": 12, "type": "text/html", "width": None, "height": None}
    poll = {"multiple": False, "closed": False, "voters": 0}
    contents = [
        {
            "by": name,
            "body": f"hello @{name}, :{name}:",
            "mentions": [{"name": name, "text": name}],
            "files": [
                {**file, "name": name},
                {**file, "id": "f2", "name": name, "type": "image/svg+xml"},
            ],
            "location": {"path": name, "cell": name},
            "poll": {**poll, "options": [{"text": name, "by": [], "mine": False}]},
            "reactions": [{"emoji": name, "by": [], "mine": False}],
        }
        for name in [*hostile.NAMES, *hostile.HTML]
    ]
    show(shown, contents)


def test_shared_table_keeps_what_is_harmless(shown: Watched) -> None:
    """A styled table of pandas is shown as such: its cells, their colours, no scripts."""
    html = (
        "<style>#T_1 td.hot { background-color: rgb(183, 227, 177); position: fixed }</style>"
        '<table id="T_1" border="1" class="dataframe"><thead><tr style="text-align: right;">'
        "<th></th><th>loss</th></tr></thead><tbody><tr><th>0</th>"
        '<td class="hot" style="color: rgb(200, 0, 0); inset: 0">0.934</td></tr></tbody></table>'
    )
    show(shown, [{"data": {"text/html": html, "text/plain": "0  0.934"}}])
    cell = shown.page.locator(".mw-html td")
    assert cell.inner_text() == "0.934"
    style = cell.evaluate("(e) => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]")
    assert style == ["rgb(183, 227, 177)", "rgb(200, 0, 0)"]


def test_only_drawings_that_can_be_drawn_are_drawn(shown: Watched) -> None:
    """A figure may use its shapes again, as matplotlib does; not so often that the page stops."""
    figure = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><defs><style>*{}</style>'
        '<path id="m" d="M0 0h2v2z" style="fill: red"/></defs><g clip-path="url(#c)">'
        + "".join(f'<use href="#m" x="{x}"/>' for x in range(500))
        + "</g></svg>"
    )
    contents = [figure, hostile.SVG_BOMB]
    show(shown, [{"data": {"image/svg+xml": svg, "text/plain": "a figure"}} for svg in contents])
    cards = shown.page.locator(".mw-output-card")
    assert [cards.nth(at).get_attribute("data-kind") for at in (0, 1)] == ["picture", "text"]


def test_figures_are_drawn_and_run_nothing(shown: Watched, screenshots: Path) -> None:
    """A Plotly figure is drawn from its data, for readers of all kinds; a hostile one does nothing."""
    page = shown.page
    trace = {"type": "scatter", "x": [1, 2, 3], "name": "train", "mode": "lines+markers"}
    numbers = {"dtype": "i1", "bdata": "AwIB"}
    figure = {"data": [{**trace, "y": numbers}], "layout": {"title": {"text": "<b>Loss</b>"}}}
    solid = {"data": [{"type": "scatter3d", "x": [1], "y": [1], "z": [1]}]}
    show(shown, [{"data": {hostile.PLOTLY: one}} for one in [figure, solid, *hostile.FIGURES[:4]]])
    plot = page.get_by_role("img", name="Loss: train", exact=True)
    plot.locator(".scatterlayer .point").nth(2).wait_for(state="attached")
    page.get_by_text("This interactive figure was shared without a picture").first.wait_for()
    page.locator(".mw-figure[data-state=coming]").first.wait_for(state="detached")
    page.screenshot(path=screenshots / "figures.png")
    shown.is_untouched()
    assert page.locator(".mw-plot a, .mw-plot [style*=evil], head > style[id^=plotly]").count() == 0
    # Hovering puts texts together by the author's templates.
    page.locator(".mw-plot:has(.barlayer .point) .nsewdrag").first.hover()
    page.locator(".mw-plot .hovertext").first.wait_for(state="attached")
    assert page.locator(".mw-plot a, .mw-plot [style*=evil]").count() == 0
    shown.is_untouched()
    show(shown, [{"body": "and they go again"}])
    assert page.locator(".js-plotly-plot").count() == 0


def test_text_stays_readable_where_the_part_cannot_be_had(browser: Browser, address: str) -> None:
    """Without the files of rich text (an older server, a broken line) messages are plain text."""
    page = browser.new_page(viewport={"width": 700, "height": 3000})
    asked: list[str] = []
    page.route("**/rich/**", lambda route: (asked.append(route.request.url), route.abort())[1])
    page.goto(f"{address}?state=rich&n=5&theme=light&width=640&fill=2900")
    page.locator(".mw-plain").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert asked
    assert "then ~~lasso~~ **ridge**" in page.locator(".mw-plain").first.inner_text()
    assert page.get_by_text("This notebook part cannot be shown here").count()
    page.close()


def test_rich_text_looks_like_itself(shown: Watched, screenshots: Path) -> None:
    """Tables, lists, tasks, math, highlighted code, cells and outputs are there in a browser."""
    page = shown.page
    page.goto(page.url)
    page.locator(".mw-prose .katex").first.wait_for()
    for selector in (
        ".mw-prose table td",
        ".mw-prose ol ul ol li",
        ".mw-task[data-done=true]",
        ".mw-mention[data-me=false]",
    ):
        assert page.locator(selector).count(), selector
    page.locator(".mw-code .hljs-keyword").first.wait_for()
    page.screenshot(path=screenshots / "rich-text.png")
    page.locator(".mw-cell-card .mw-enlarge").click()
    large = page.get_by_role("dialog")
    assert (
        large.locator(".mw-html td").count()
        == page.locator(".mw-outputs > .mw-enlargeable > .mw-output .mw-html td").count()
    )
    page.keyboard.press("Escape")
    large.wait_for(state="detached")


def test_nothing_runs_in_a_notebook_either(person: Enter, lab: JupyterProcess) -> None:
    """What a kernel sends through a real relay runs nothing in JupyterLab, which has no policy."""
    contents: list[dict[str, Any]] = [
        {"body": "\n\n".join(hostile.MARKDOWN)},
        {"body": "", "data": {"text/html": "\n".join(hostile.HTML)}},
        {"body": "", "data": {"image/svg+xml": hostile.SVG[3]}},
        {"body": "$" + "$ and $".join(hostile.LATEX[:9]) + "$"},
        {"body": "the last one", "data": next(b for b in hostile.BUNDLES if hostile.CELL in b)},
    ]
    ada = person("ada-lovelace", lab)
    watched = Watched(ada.page)
    ada.join("safety")
    with meetwidget.join("safety", url=lab.url, token=lab.token) as room:
        for content in contents:
            room.chat.send(**content)
            last = ada.page.locator(".mw-message").last
            last.locator(".mw-rich > *").first.wait_for(state="attached")
            watched.is_untouched()
    ada.sees_message("the last one").locator(".mw-cell-card .mw-terminal").first.wait_for()
    assert ada.errors == []
