import { describe, expect, it, onTestFinished } from "vitest";
import { type ListedRoom, PageFailure } from "../src/page/api.js";
import { Directory, inOrder } from "../src/page/directory.js";
import { until } from "./page.js";

const room = (name: string, participants = 0, title = name): ListedRoom => ({
  name,
  title,
  participants,
  locked: false,
  access: "open",
});

class Screen extends EventTarget {
  visibilityState = "visible";

  show(how: "visible" | "hidden"): void {
    this.visibilityState = how;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

/** A signal that aborts when the test is over. */
function untilTheEnd(): AbortSignal {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  return abort.signal;
}

describe("the order of rooms", () => {
  it("is: those with somebody in them, then by name, numbers as people count", () => {
    const rooms = [room("lab-10"), room("lab-2"), room("zoo", 1), room("Able", 3)];
    expect(inOrder(rooms).map(({ name }) => name)).toEqual(["Able", "zoo", "lab-2", "lab-10"]);
  });
});

describe("the list of rooms", () => {
  it("is loaded at once and again and again while somebody looks", async () => {
    let loads = 0;
    const load = async () => [room(`r${++loads}`)];
    const directory = new Directory(load, new Screen(), 1);
    directory.follow(untilTheEnd());
    await until(() => loads >= 3, "a third load");
    expect(directory.state.peek().rooms).not.toBeNull();
  });

  it("is not asked for while the page is hidden, and at once when it is seen again", async () => {
    let loads = 0;
    const screen = new Screen();
    screen.visibilityState = "hidden";
    const directory = new Directory(async () => [room(`r${++loads}`)], screen, 0);
    directory.follow(untilTheEnd());
    await Promise.resolve();
    expect(loads).toBe(0);
    screen.show("visible");
    await until(() => loads > 0, "a load");
  });

  it("asks no more after its end", async () => {
    let loads = 0;
    const abort = new AbortController();
    const screen = new Screen();
    const directory = new Directory(async () => [room(`r${++loads}`)], screen, 0);
    directory.follow(abort.signal);
    abort.abort();
    await directory.refresh();
    const then = loads;
    screen.show("visible");
    expect(loads).toBe(then);
  });

  it("keeps what it had when a later request fails, and says so", async () => {
    const answers: (readonly ListedRoom[] | PageFailure)[] = [
      [room("a")],
      new PageFailure("unreachable", "unreachable", "Nobody answers."),
    ];
    const directory = new Directory(async () => {
      const next = answers.shift()!;
      if (next instanceof PageFailure) throw next;
      return next;
    }, new Screen());
    await directory.refresh();
    await directory.refresh();
    const { rooms, failure, loading } = directory.state.peek();
    expect(rooms?.map(({ name }) => name)).toEqual(["a"]);
    expect(failure?.message).toBe("Nobody answers.");
    expect(loading).toBe(false);
  });

  it("shows nothing more to who is signed out", async () => {
    const answers: (() => readonly ListedRoom[])[] = [
      () => [room("secret")],
      () => {
        throw new PageFailure("signed-out", "signed-out", "Sign in.");
      },
    ];
    const directory = new Directory(async () => answers.shift()!(), new Screen());
    await directory.refresh();
    await directory.refresh();
    expect(directory.state.peek().rooms).toBeNull();
    expect(directory.state.peek().failure?.kind).toBe("signed-out");
  });

  it("makes one request of two wishes at once", async () => {
    let loads = 0;
    const directory = new Directory(async () => [room(`r${++loads}`)], new Screen());
    await Promise.all([directory.refresh(), directory.refresh()]);
    expect(loads).toBe(1);
  });
});
