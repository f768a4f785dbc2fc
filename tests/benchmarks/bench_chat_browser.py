"""``python -m tests.benchmarks.bench_chat_browser [--messages N] [--rounds N]``: a long chat in a browser.

A real JupyterLab with a room that has a past, and a real Chromium:

- *open*: in a fresh page, from the moment somebody joins (the page asks for a ticket) until the
  newest message is drawn and one can write: ticket, socket, welcome with the newest events,
  everything drawn for the first time. The aim is 500 ms.
- *join again*: the same from "Rejoin" in a page that was in the room before.
- *jump*: from choosing an old hit of a search until that message is drawn; *search*: its answer.
- With the whole past loaded, as if one had scrolled up to the first message: *show* is from
  pressing the chat's tab until it is drawn; *one more message* is the script and layout it costs.

Medians over the rounds, in ms. On a machine that does other things too, numbers are larger.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.archive import write_archive
from tests.browser.person import Person
from tests.jupyter_process import JupyterProcess

# Notes when the page asks for its ticket, and when the newest message and the composer are drawn.
_WATCH = """
(() => {
  const asked = globalThis.fetch;
  globalThis.fetch = (...given) => {
    if (String(given[0]).includes('meet/api/tickets')) globalThis.__asked ??= performance.now();
    return asked(...given);
  };
  const look = () => {
    const here = [...document.querySelectorAll('[data-testid=mw-body]')].some(
      (one) => one.textContent.includes('NEWEST'));
    if (here && document.querySelector('[data-testid=mw-chat-input]')) {
      setTimeout(() => { globalThis.__opened = performance.now() - globalThis.__asked; });
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""

_SESSION = """
const session = () => {
  for (const slots of globalThis[Symbol.for('meetwidget')].versions.values())
    for (const one of slots.get('sessions')?.values() ?? []) return one;
};
const drawn = (ready) => new Promise((done) => {
  const look = () => ready() ? requestAnimationFrame(() => setTimeout(done)) : requestAnimationFrame(look);
  look();
});
const has = (text) => [...document.querySelectorAll('[data-testid=mw-body]')].some(
  (one) => one.textContent.includes(text));
"""

_JOIN = """async (newest) => {
  session().leave();
  await drawn(() => session().phase.value.kind === 'ended');
  const start = performance.now();
  session().join();
  await drawn(() => has(newest) && document.querySelector('[data-testid=mw-chat-input]'));
  return performance.now() - start;
}"""

_LOAD_ALL = """async () => {
  const start = performance.now();
  while (session().history.value.more) await session().loadHistory(200);
  return [performance.now() - start, session().messages.value.length];
}"""

_SHOW = """async (newest) => {
  document.querySelector('[data-testid=mw-tab-people]').click();
  await drawn(() => !document.querySelector('.mw-thread'));
  const start = performance.now();
  document.querySelector('[data-testid=mw-tab-chat]').click();
  await drawn(() => has(newest));
  return performance.now() - start;
}"""

# Script and layout of one own message, without the way to the relay and back.
_MESSAGE = """async () => {
  const start = performance.now();
  session().say('one more');
  await Promise.resolve();
  await new Promise((done) => queueMicrotask(() => queueMicrotask(done)));
  document.querySelector('.mw-thread').scrollTop;
  return performance.now() - start;
}"""

_SEARCH = """async (word) => {
  const start = performance.now();
  const page = await session().search(word);
  return [performance.now() - start, page.hits.length];
}"""

_JUMP = """async ([id, text]) => {
  const start = performance.now();
  await session().visit(id);
  await drawn(() => has(text));
  const took = performance.now() - start;
  session().leavePassage();
  return took;
}"""


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    newest = f"note{chosen.messages} "
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        database = folder / "rooms.sqlite"
        write_archive(database, "long", chosen.messages)
        with JupyterProcess(folder, config=f"c.MeetRelay.database = {str(database)!r}\n") as server:
            ada = Person(driver, "ada-lovelace", server)
            ada.context.add_init_script(_WATCH.replace("NEWEST", newest))

            def open_room(_: int) -> object:
                ada.join("long")
                ada.page.wait_for_function("globalThis.__opened !== undefined")
                return ada.page.evaluate("globalThis.__opened")

            def ask(script: str, argument: object = None) -> Any:
                # Names of this script, not of the page's.
                return ada.page.evaluate(
                    f"(given) => {{ {_SESSION} return ({script})(given); }}", argument
                )

            def rounds(measure: Callable[[int], object]) -> float:
                taken = [measure(turn) for turn in range(chosen.rounds)]
                return statistics.median(float(one) for one in taken)  # type: ignore[arg-type]

            opened = rounds(open_room)
            join = rounds(lambda _: ask(_JOIN, newest))
            jump = rounds(
                lambda turn: ask(_JUMP, [f"m{10 + turn * 200}", f"note{10 + turn * 200} "])
            )
            search = rounds(lambda turn: ask(_SEARCH, f"note{turn + 11}")[0])
            took, loaded = ask(_LOAD_ALL)
            show = rounds(lambda _: ask(_SHOW, newest))
            rejoin = rounds(lambda _: ask(_JOIN, newest))
            message = rounds(lambda _: ask(_MESSAGE))
            ada.close()
    print(f"a room with {chosen.messages} messages, median of {chosen.rounds}, ms")
    for what, value in (
        ("open until one can read and write", opened),
        ("join again", join),
        ("jump to an old message", jump),
        ("search", search),
        (f"load the whole past ({loaded} messages), once", took),
        ("show the chat with the whole past loaded", show),
        ("join again with the whole past loaded", rejoin),
        ("one more message with the whole past loaded", message),
    ):
        print(f"{what:50} {value:8.1f}")


if __name__ == "__main__":
    main()
