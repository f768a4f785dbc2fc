import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM, Gallery, type View } from "./gallery.js";

/** Every state that people who wait, moderate or may not share come upon. */
const STATES = "waiting knock knocks lobby settings invite observer denied uninvited often".split(
  " ",
);

describe.skipIf(CHROMIUM === null)("the room in a browser", () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await Gallery.open();
  });
  afterAll(() => gallery?.close());
  const show = (state: string, query = ""): Promise<View> => gallery.show(state, query);

  it("tells those who wait where they are, aloud too, and lets them leave", async () => {
    const view = await show("waiting");
    const text = "You are in the waiting room of Physics 101: the lab. A moderator lets you in.";
    expect(await view.text("#mw-waiting p")).toBe(text);
    await view.until(
      `document.querySelector("[aria-live]").textContent === ${JSON.stringify(text)}`,
    );
    await view.evaluate(`session.phase.value = { kind: "live" }`);
    await view.until(
      `document.querySelector("[aria-live]").textContent === "You are in the meeting"`,
    );
    await view.evaluate(`session.phase.value = { kind: "waiting" }`);
    await view.click("#mw-leave");
    await view.seen("#mw-ended");
  });

  it("tells moderators who waits, aloud too, and lets one person in or not with one click", async () => {
    const view = await show("knock");
    await view.record("moderate");
    expect(await view.text("#mw-lobby span")).toBe("Grace Hopper is waiting");
    await view.until(
      `document.querySelector("[aria-live]").textContent === "Grace Hopper is waiting"`,
    );
    await view.click("#mw-admit");
    expect(await view.asked()).toEqual([["moderate", "admit", "p6"]]);
    await view.click("#mw-deny");
    expect((await view.asked())[1]).toEqual(["moderate", "deny", "p6"]);
    await view.evaluate("session.lobby.value = []");
    await view.gone("#mw-lobby");
    // The button that had the keyboard is gone: it goes on at the controls, not at the page's top.
    expect(await view.focused("data-testid")).toBe("mw-mic");
  });

  it("lists several who wait on top of the people, and counts them on the tab", async () => {
    const view = await show("knocks");
    await view.record("moderate");
    expect(await view.text("#mw-lobby span")).toBe("3 people are waiting");
    expect(await view.text("#mw-tab-people .mw-badge")).toMatch(/^3/);
    await view.click("#mw-show-waiting");
    await view.gone("#mw-lobby");
    expect(await view.text("#mw-lobby-list li:nth-child(2)")).toMatch(/Hedy Lamarr ?guest/);
    await view.click("#mw-lobby-list li:nth-child(2) #mw-deny");
    await view.click("#mw-admit-all");
    expect(await view.asked()).toEqual([
      ["moderate", "deny", "p7"],
      ["moderate", "admit", "p6"],
      ["moderate", "admit", "p7"],
      ["moderate", "admit", "p3"],
    ]);
    await view.evaluate("session.lobby.value = session.lobby.value.slice(0, 1)");
    await view.gone("#mw-admit-all");
    expect(await view.focused("aria-label")).toBe("Admit Grace Hopper");
  });

  it("chooses who may come in by mouse or keys, and a refused choice jumps back", async () => {
    const view = await show("settings");
    const checked = `document.querySelector("[data-testid=mw-access] :checked").value`;
    expect(await view.evaluate(checked)).toBe("lobby");
    await view.click("#mw-access input[value=open]");
    await view.until(`session.roomInfo.value.access === "open"`);
    await view.press("ArrowDown");
    await view.press("ArrowDown");
    await view.until(`session.roomInfo.value.access === "invited"`);
    await view.evaluate(`session.setRoom = async () => { throw new Error("no") }`);
    await view.click("#mw-access input[value=private]");
    await view.until(`${checked} === "invited"`);
  });

  it("invites by user name, takes names off the list, and gives the room a title", async () => {
    const view = await show("settings");
    await view.click("#mw-invite-input");
    await view.type(" ada ");
    await view.press("Enter");
    await view.until(`session.roomInfo.value.invited.at(-1) === "ada"`);
    expect(await view.evaluate(`document.activeElement.value`)).toBe("");
    await view.click(`[aria-label="Take grace off the list"]`);
    await view.until(`!session.roomInfo.value.invited.includes("grace")`);
    await view.evaluate(`document.querySelector("[data-testid=mw-room-title]").select()`);
    await view.type("Optics");
    await view.press("Enter");
    await view.until(`document.querySelector(".mw-title").textContent === "Optics"`);
  });

  it("makes a guest link for as long as chosen, takes links back, and says why it cannot", async () => {
    const view = await show("settings");
    await view.until(`document.querySelectorAll(".mw-guest-link").length === 2`);
    await view.record("createGuestLink");
    await view.evaluate(`{
      const select = document.querySelector("[data-testid=mw-guest-links] select");
      select.value = "24";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }`);
    await view.click("#mw-guest-link");
    await view.until("asked.length === 1");
    expect(await view.asked()).toEqual([["createGuestLink", { hours: 24 }]]);
    await view.click(".mw-guest-link button");
    await view.until(`document.querySelectorAll(".mw-guest-link").length === 1`);
    await view.evaluate(`session.guestLinks = async () => { throw new Error("Guests are off.") }`);
    await view.click("#mw-guest-link");
    await view.until(
      `document.querySelector("[data-testid=mw-guest-links] .mw-failed")?.textContent === "Guests are off."`,
    );
  });

  it("shows the address of a link just made, to be copied", async () => {
    const view = await show("settings");
    await view.click("#mw-guest-link");
    await view.until(`[...document.querySelectorAll("[data-testid=mw-guest-links] input")]
      .some(({ value }) => value.startsWith("https://hub.example.org/services/meet/guest#"))`);
  });

  it("has no settings for those who do not moderate, and no guest links without that right", async () => {
    const view = await show("settings");
    await view.evaluate(`session.rights.value = { ...session.rights.value, guest_links: false }`);
    await view.gone("#mw-guest-links");
    await view.evaluate(`session.rights.value = { ...session.rights.value, moderate: false }`);
    await view.gone("#mw-room-settings");
    expect(await view.text("#mw-settings-toggle")).toBeNull();
    expect(await view.text("#mw-role")).toBeNull();
  });

  it("changes a role from the list of people; a guest becomes no moderator", async () => {
    const view = await show("people", "n=3");
    await view.record("moderate");
    await view.evaluate(`{
      session.rights.value = { ...session.rights.value, moderate: true };
      const guest = { ...session.participants.value.get("p1"), id: "g", kind: "guest" };
      session.participants.value = new Map(session.participants.value).set("g", guest);
    }`);
    await view.seen(`[data-participant=g] #mw-role`);
    const open = async (id: string): Promise<string> => {
      await view.evaluate(
        `document.querySelector("[data-participant=${id}] [data-testid=mw-role]").focus()`,
      );
      await view.press("Enter");
      await view.seen(".mw-popover");
      return (await view.text(".mw-popover ul")) ?? "";
    };
    expect(await open("g")).toBe("memberobserver");
    await view.press("Escape");
    await view.gone(".mw-popover");
    expect(await open("p1")).toBe("moderatormemberobserver");
    await view.press("Enter");
    await view.until("asked.length === 1");
    expect(await view.asked()).toEqual([["moderate", "role", "p1", "moderator"]]);
  });

  it("says why somebody may not share or write, and does not try", async () => {
    const view = await show("observer");
    expect(await view.text("#mw-read-only")).toMatch(/observer/);
    for (const name of ["mw-mic", "mw-cam"]) {
      const button = `document.querySelector("[data-testid=${name}]")`;
      expect(await view.evaluate(`${button}.getAttribute("aria-disabled")`)).toBe("true");
      expect(await view.evaluate(`${button}.title`)).toMatch(/observer/);
      await view.click(`#${name}`);
    }
    expect(await view.evaluate("[engine.microphone.value.kind, engine.camera.value.kind]")).toEqual(
      ["off", "off"],
    );
    await view.evaluate(`{
      session.you.value = { ...session.you.value, role: "member" };
      session.rights.value = { ...session.rights.value, chat: true };
    }`);
    await view.seen("#mw-chat-input");
    const title = `document.querySelector("[data-testid=mw-mic]").title`;
    expect(await view.evaluate(title)).toMatch(/^Only some may share/);
  });

  it("hands on the room's own page where there is one", async () => {
    const view = await show("invite");
    await view.click("#mw-invite");
    await view.seen(".mw-popover input");
    const page = `document.querySelector(".mw-popover input").value`;
    expect(await view.evaluate(page)).toBe(
      "https://hub.example.org/services/meet/rooms/physics-101",
    );
  });

  it.each(STATES)("fits into 320 pixels: %s", async (state) => {
    const view = await show(state, "width=320");
    const wide = `[...document.querySelectorAll(".mw-frame, .mw-people, .mw-settings, .mw-bar, .mw-state")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => element.className)`;
    expect(await view.evaluate(wide)).toEqual([]);
  });
});
