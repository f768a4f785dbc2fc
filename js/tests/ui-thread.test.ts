import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Gallery, type View } from "./gallery.js";

interface Sight {
  readonly first: number;
  readonly last: number;
  /** From the upper edge of the chat to the first message in sight, pixels. */
  readonly y: number;
  /** Messages in the document. */
  readonly rendered: number;
  readonly atEnd: boolean;
}

const LOOK = `(() => {
  const box = document.querySelector(".mw-thread");
  const edge = box.getBoundingClientRect();
  const all = [...document.querySelectorAll(".mw-message")];
  const seen = all.filter((one) => {
    const at = one.getBoundingClientRect();
    return at.bottom > edge.top + 1 && at.top < edge.bottom - 1;
  });
  const number = (one) => Number(one?.dataset.key.slice(1));
  return {
    first: number(seen[0]),
    last: number(seen.at(-1)),
    y: seen[0]?.getBoundingClientRect().top - edge.top,
    rendered: all.length,
    atEnd: box.scrollHeight - box.scrollTop - box.clientHeight < 2,
  };
})()`;

/** After all that follows from what was done last. */
const CALM = `await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));`;

/** Adds \`count\` messages of others at the end. */
const TALK = `(count) => {
  for (let done = 0; done < count; done += 1) {
    const list = session.messages.value;
    const last = list.at(-1);
    const next = last.offset + 1;
    const made = { ...last, key: "m" + next, id: "m" + next, offset: next, at: last.at + 1, body: "more " + next };
    session.messages.value = [...list, made];
  }
}`;

describe.skipIf(CHROMIUM === null)("a long chat in a browser", () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await Gallery.open();
  });
  afterAll(() => gallery?.close());
  const show = async (query: string): Promise<View> => {
    const view = await gallery.show("archive", `fill=700&${query}`);
    await view.until(`${LOOK}.rendered > 0 && ${LOOK}.atEnd`);
    return view;
  };
  const look = (view: View): Promise<Sight> => view.evaluate(LOOK);
  const press = (view: View, key: string, modifiers = 0): Promise<unknown> =>
    view.call("Input.dispatchKeyEvent", {
      type: "rawKeyDown",
      key,
      code: key.length === 1 ? `Key${key.toUpperCase()}` : key,
      windowsVirtualKeyCode: { Home: 36, End: 35, f: 70 }[key] ?? 0,
      modifiers,
    });

  it("keeps a few dozen of ten thousand messages in the document and tells their places", async () => {
    const view = await show("total=10000");
    const end = await look(view);
    expect(end.last).toBe(10000);
    for (const share of [0.5, 0.1, 0, 0.9]) {
      await view.evaluate(`(async () => {
        const box = document.querySelector(".mw-thread");
        box.scrollTop = ${share} * box.scrollHeight;
        ${CALM}
      })()`);
      const there = await look(view);
      expect(Math.abs(there.first - share * 10000)).toBeLessThan(500);
      expect(there.rendered).toBeLessThan(100);
    }
    const places = await view.evaluate<string[]>(
      `[...document.querySelectorAll(".mw-message")].map((one) =>
        [one.dataset.key, one.ariaPosInSet, one.ariaSetSize].join(" "))`,
    );
    for (const place of places) {
      const [key = "", at, all] = place.split(" ");
      expect([key, all]).toEqual([`m${at}`, "10000"]);
    }
  });

  it("moves what is read by exactly what one scrolls, while heights become known and pages come in", async () => {
    const view = await show("total=1000&loaded=100");
    const { worst, loaded } = await view.evaluate<{ worst: number; loaded: number }>(`(async () => {
      const box = document.querySelector(".mw-thread");
      const edge = box.getBoundingClientRect();
      const tops = () => new Map([...document.querySelectorAll(".mw-message")].map((one) =>
        [one.dataset.key, one.getBoundingClientRect().top]));
      let worst = 0;
      for (let step = 0; step < 80; step += 1) {
        const before = tops();
        const from = box.scrollTop;
        box.scrollTop -= 120;
        const moved = from - box.scrollTop;
        ${CALM}
        for (const [key, top] of tops()) {
          const had = before.get(key);
          if (had > edge.top && had < edge.bottom) worst = Math.max(worst, Math.abs(top - had - moved));
        }
      }
      return { worst, loaded: session.messages.value.length };
    })()`);
    expect(loaded).toBeGreaterThanOrEqual(150);
    // Browsers scroll by whole device pixels.
    expect(worst).toBeLessThanOrEqual(1.5);
  });

  it("follows the newest at the end, and stays where one reads further up", async () => {
    const view = await show("total=500");
    await view.evaluate(`(${TALK})(3)`);
    await view.until(`${LOOK}.last === 503 && ${LOOK}.atEnd && room.state.seen.value === 503`);
    await view.evaluate(`(async () => {
      document.querySelector(".mw-thread").scrollTop -= 3000;
      ${CALM}
    })()`);
    const before = await look(view);
    await view.evaluate(`(${TALK})(2)`);
    await view.until(`document.querySelector(".mw-pill").textContent === "2 new messages"`);
    expect(await look(view)).toMatchObject({ first: before.first, y: before.y });
    await view.click("#mw-to-newest");
    await view.until(`${LOOK}.last === 505 && ${LOOK}.atEnd`);
    await view.gone("#mw-to-newest");
  });

  it("marks what is new to somebody who comes back, and lets them read on from there", async () => {
    const view = await show("total=200");
    expect(await view.text("#mw-new")).toBeNull();
    await view.click("#mw-tab-people");
    await view.evaluate(`(${TALK})(40)`);
    await view.until(
      `document.querySelector("[data-testid=mw-tab-chat]").textContent.includes("40")`,
    );
    await view.click("#mw-tab-chat");
    await view.until(
      `document.querySelector("[data-testid=mw-new]")?.nextElementSibling.dataset.key === "m201"`,
    );
    await view.until(`${LOOK}.first <= 201 && ${LOOK}.last >= 201`);
    await view.until(`document.querySelector(".mw-pill").textContent === "40 new messages"`);
    await view.click("#mw-to-newest");
    await view.until(`room.state.seen.value === 240`);
  });

  it("finds old messages by words, leads to them with marks, and goes on with Enter", async () => {
    const view = await show("total=3000&loaded=100");
    await view.evaluate(`document.querySelector("textarea").focus()`);
    await press(view, "f", 2);
    await view.seen("#mw-search-input");
    await view.type("14: ");
    await view.seen("#mw-hit");
    expect(await view.text("#mw-hit mark")).toBe("14:");
    await view.press("ArrowDown");
    await view.until(`document.querySelectorAll("[aria-selected=true]").length > 0`);
    const active = `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))`;
    await view.until(`${active}.textContent.includes("2814:")`);
    await view.press("Enter");
    await view.until(`document.querySelector("[data-flash]")?.dataset.key === "m2814"`);
    await view.until(`[...CSS.highlights.get("mw-found")].some((one) => one.toString() === "14:")`);
    expect(await view.evaluate("session.passage.value.focus")).toBe("m2814");
    expect(await view.text("#mw-search-place")).toMatch(/^2 of 30$/);
    await view.press("Enter");
    await view.until(`document.querySelector("[data-flash]")?.dataset.key === "m2714"`);
    await view.press("Escape");
    await view.gone("#mw-search-input");
    expect(await view.evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
    await view.until(`!CSS.highlights.has("mw-found")`);
    await view.click("#mw-to-newest");
    await view.until(`session.passage.value === null && ${LOOK}.last === 3000 && ${LOOK}.atEnd`);
  });

  it("reads on from an old passage to the newest messages without a jump", async () => {
    const view = await show("total=400&loaded=100");
    await view.evaluate(`room.session.visit("m200")`);
    await view.until(`session.passage.value !== null`);
    await view.evaluate(`(async () => {
      const box = document.querySelector(".mw-thread");
      while (session.passage.value !== null) {
        box.scrollTop += 150;
        ${CALM}
      }
      ${CALM}
    })()`);
    const joined = await look(view);
    expect(joined.last).toBeLessThan(330);
    expect(joined.first).toBeGreaterThan(200);
  });

  it("is walked with arrow keys, Home and End, and keeps the keyboard when one scrolls away", async () => {
    const view = await show("total=2000");
    const focus = `document.activeElement.dataset.key`;
    await view.evaluate(`document.querySelector(".mw-message[tabindex='0']").focus()`);
    expect(await view.evaluate(focus)).toBe("m2000");
    for (let step = 0; step < 30; step += 1) await view.press("ArrowUp");
    await view.until(`${focus} === "m1970"`);
    await view.until(`${LOOK}.first <= 1970 && ${LOOK}.last >= 1970`);
    await press(view, "Home");
    await view.until(`${focus} === "m1" && ${LOOK}.first === 1`);
    await press(view, "End");
    await view.until(`${focus} === "m2000" && ${LOOK}.atEnd`);
    await view.evaluate(`document.querySelector(".mw-thread").scrollTop = 0`);
    await view.until(`${LOOK}.first === 1`);
    expect(await view.evaluate("document.activeElement.className")).toBe("mw-messages");
    await view.press("ArrowUp");
    await view.until(`${focus} === "m1999"`);
  });

  it("shows what is pinned in one line, all of it on a click, and leads there", async () => {
    const view = await show("total=1000&loaded=200");
    await view.evaluate(`(() => {
      session.rights.value = { ...session.rights.value, moderate: true };
      session.messages.value = session.messages.value.map((one) =>
        [830, 990].includes(one.offset) ? { ...one, pinned: true } : one);
    })()`);
    await view.record("pin");
    expect(await view.text("#mw-pins")).toMatch(/990: .*2$/);
    await view.click("#mw-pins-all");
    await view.click(".mw-pinned:nth-child(2) .mw-pinned-go");
    await view.until(`${LOOK}.first <= 830 && ${LOOK}.last >= 830`);
    await view.click("#mw-pins-all");
    await view.click(".mw-pinned:nth-child(2) .mw-tool");
    expect(await view.asked()).toEqual([["pin", "m830", false]]);
  });

  it("reads out what others say: a few messages in full, many as a number, always who names one", async () => {
    const view = await show("total=100");
    const says = (text: string): Promise<void> =>
      view.until(
        `document.querySelector("[aria-live=polite]").textContent === ${JSON.stringify(text)}`,
      );
    await view.until("room.state.seen.value === 100");
    await view.evaluate(`(${TALK})(1)`);
    await says("Dorothea Maximiliane von Hohenstein-Wittelsbach: more 101");
    await view.evaluate(`(${TALK})(5)`);
    await says("5 new messages");
    await view.evaluate(`(${TALK})(5)`);
    // Another text, or it would not be read again.
    await says("5 new messages\u00a0");
    await view.evaluate(`(() => {
      const list = session.messages.value;
      const last = list.at(-1);
      const more = [112, 113, 114, 115].map((offset) => ({
        ...last, key: "m" + offset, id: "m" + offset, offset, body: "more " + offset, mentionsMe: offset === 113,
      }));
      session.messages.value = [...list, ...more];
    })()`);
    await view.until(
      `document.querySelector("[aria-live=polite]").textContent.startsWith("4 new messages. ")`,
    );
    expect(await view.text("[aria-live=polite]")).toMatch(/ mentions you: more 113$/);
  });

  it("says what did not load, and tries again on a click", async () => {
    const view = await show("total=300&loaded=100");
    await view.evaluate(`(() => {
      const { loadHistory, search } = session;
      window.broken = true;
      session.loadHistory = async () => {
        if (!broken) return loadHistory();
        session.history.value = { more: true, loading: false, error: "No." };
      };
      session.search = async (...given) => {
        if (broken) throw new Error("The search failed; try again.");
        return search(...given);
      };
      document.querySelector(".mw-thread").scrollTop = 0;
    })()`);
    await view.until(
      `document.querySelector(".mw-older")?.textContent.startsWith("Older messages did not load.")`,
    );
    await view.click("#mw-search");
    await view.seen("#mw-search-input");
    await view.type("lowered");
    await view.until(
      `document.querySelector(".mw-hits")?.textContent.startsWith("The search failed; try again.")`,
    );
    await view.evaluate("broken = false");
    await view.click(".mw-hits .mw-link");
    await view.seen("#mw-hit");
    await view.press("Escape");
    await view.click("#mw-older");
    await view.until("session.messages.value.length > 100");
  });
});
