import { describe, expect, it } from "vitest";
import { keepAwake, type Screen } from "../src/page/awake.js";
import { until } from "./page.js";

class Phone extends EventTarget {
  visibilityState = "visible";
  readonly log: string[] = [];

  screen(): Screen {
    return {
      page: this,
      request: async () => {
        this.log.push("on");
        return { release: async () => void this.log.push("off") };
      },
    };
  }

  show(how: "visible" | "hidden"): void {
    this.visibilityState = how;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

describe("a phone's screen", () => {
  it("stays on during a meeting, and may sleep after it", async () => {
    const phone = new Phone();
    const meeting = new AbortController();
    keepAwake(meeting.signal, phone.screen());
    await until(() => phone.log.length === 1);
    await Promise.resolve();
    meeting.abort();
    await until(() => phone.log.at(-1) === "off");
    phone.show("visible");
    expect(phone.log).toEqual(["on", "off"]);
  });

  it("is asked for again when the page comes back, since browsers take it from hidden pages", async () => {
    const phone = new Phone();
    const meeting = new AbortController();
    keepAwake(meeting.signal, phone.screen());
    phone.show("hidden");
    expect(phone.log).toEqual(["on"]);
    phone.show("visible");
    expect(phone.log).toEqual(["on", "on"]);
    meeting.abort();
  });

  it("is given back when the meeting is over before it was had", async () => {
    const phone = new Phone();
    const meeting = new AbortController();
    keepAwake(meeting.signal, phone.screen());
    meeting.abort();
    await until(() => phone.log.at(-1) === "off");
  });

  it("is left alone where the browser does not know how, or refuses", async () => {
    const page = new Phone();
    keepAwake(new AbortController().signal, { page, request: null });
    keepAwake(new AbortController().signal, {
      page,
      request: () => Promise.reject(new Error("battery")),
    });
    await Promise.resolve();
    expect(page.log).toEqual([]);
  });
});
