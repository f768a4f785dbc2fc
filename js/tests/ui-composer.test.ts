import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Gallery, type View } from "./gallery.js";

describe.skipIf(CHROMIUM === null)("the composer in a browser", () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await Gallery.open();
  });
  afterAll(() => gallery?.close());
  const show = (state: string, query = ""): Promise<View> => gallery.show(state, query);
  const value = (view: View): Promise<string> =>
    view.evaluate(`document.querySelector("[data-testid=mw-chat-input]").value`);

  it("offers people by mouse and keyboard, and stays shut once refused", async () => {
    const view = await show("room");
    await view.click("#mw-chat-input");
    await view.type("hi @");
    await view.seen("#mw-suggestions");
    const first = await view.text("#mw-suggestions [aria-selected=true]");
    await view.press("ArrowDown");
    await view.until(
      `document.querySelector(".mw-suggestions [aria-selected=true]").textContent.trim() !== ${JSON.stringify(first)}`,
    );
    await view.press("Escape");
    await view.gone("#mw-suggestions");
    await view.type("b");
    // What the letter changes is on the screen after two frames.
    await view.evaluate(
      "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))",
    );
    expect(await view.text("#mw-suggestions")).toBeNull();
    await view.type("en and @che");
    await view.click("#mw-suggestions [role=option]");
    await view.gone("#mw-suggestions");
    await view.until(`document.activeElement.dataset.testid === "mw-chat-input"`);
    expect(await value(view)).toBe("hi @ben and @Chen Wei ");
  });

  it("lets one choose readers by clicking their names, and goes back to everybody", async () => {
    const view = await show("room");
    await view.click("#mw-attach");
    await view.click("#mw-attach-private");
    await view.click(".mw-readers li:nth-child(2) span.mw-ellipsis");
    await view.click(".mw-readers li:nth-child(3) span.mw-ellipsis");
    await view.click("#mw-private-done");
    expect(await view.text("#mw-private-line b")).toBe("Only for Ben Ibáñez and Chen Wei");
    await view.until(`document.activeElement.dataset.testid === "mw-chat-input"`);
    await view.evaluate(
      `session.participants.value = new Map([...session.participants.value].slice(0, 2))`,
    );
    await view.seen("#mw-private-line [role=alert]");
    await view.click("#mw-private-line button");
    await view.gone("#mw-private-line");
  });

  it("asks a poll with the keyboard alone", async () => {
    const view = await show("room");
    await view.click("#mw-attach");
    await view.click("#mw-attach-poll");
    await view.until(`document.activeElement.dataset.testid === "mw-chat-input"`);
    await view.type("Tea?");
    await view.evaluate(`document.querySelector("[data-testid=mw-poll-answer]").focus()`);
    for (const [place, answer] of ["Yes", "No", "Later"].entries()) {
      await view.type(answer);
      await view.press("Enter");
      const next = `Answer ${place + 2}`;
      await view.until(`document.activeElement.getAttribute("aria-label") === "${next}"`);
    }
    await view.press("Enter");
    await view.until(`document.activeElement.dataset.testid === "mw-chat-input"`);
    await view.press("Enter");
    await view.gone("#mw-poll-form");
    const asked = `session.messages.value.at(-1)`;
    expect(
      await view.evaluate(`[${asked}.body, ...${asked}.poll.options.map((o) => o.text)]`),
    ).toEqual(["Tea?", "Yes", "No", "Later"]);
  });

  it("keeps several choices of a poll that takes several, and takes one back", async () => {
    const view = await show("polls");
    const several = ".mw-option[data-several=true]";
    const option = (place: number): string => `li:nth-child(${place}) > ${several}`;
    const chosen = (places: readonly number[]): Promise<void> =>
      view.until(
        `JSON.stringify([...document.querySelectorAll("${several}")].flatMap((one, place) =>
          one.ariaPressed === "true" ? [place + 1] : [])) === "${JSON.stringify(places)}"`,
      );
    await view.click(option(1));
    await view.click(option(3));
    await chosen([1, 3]);
    await view.click(option(1));
    await chosen([3]);
    const id = await view.evaluate(`session.messages.value[1].id`);
    await view.evaluate(`session.closePoll("${id}")`);
    await view.until(`document.querySelector('${several}').ariaDisabled === "true"`);
    await view.click(option(2));
    await chosen([3]);
  });

  it("shows pictures large, one after the other, and gives the focus back", async () => {
    const view = await show("files");
    await view.click("#mw-picture[aria-label*=whiteboard] + #mw-picture");
    await view.seen("#mw-lightbox img");
    expect(await view.text("#mw-lightbox header")).toBe("field.png2 of 2");
    await view.press("ArrowRight");
    await view.until(
      `document.querySelector(".mw-lightbox b").textContent.startsWith("whiteboard")`,
    );
    await view.press("Escape");
    await view.gone("#mw-lightbox");
    expect(await view.focused("aria-label")).toBe("Show field.png large");
  });

  it("has nothing that observers could not do", async () => {
    const view = await show("observer");
    await view.evaluate(`document.querySelector("[data-testid=mw-message]").focus()`);
    await view.seen("#mw-message-more");
    expect(await view.evaluate(`document.querySelectorAll(".mw-tools button").length`)).toBe(1);
    await view.click("#mw-message-more");
    expect(await view.text(".mw-tools .mw-popover")).toBe("Copy the text");
    expect(await view.text("#mw-attach")).toBeNull();
  });
});
