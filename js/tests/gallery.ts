/**
 * The gallery's states in a real Chromium, for tests of the interface: layout, focus, clicks and
 * keys are the browser's own, driven by the Chrome DevTools Protocol.
 */

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { until } from "./page.js";

/** The system's Chromium; null where there is none. */
export const CHROMIUM =
  ["chromium", "chromium-browser", "google-chrome"].find(
    (name) => spawnSync(name, ["--version"]).status === 0,
  ) ?? null;

/** Holds a state of the gallery with its chat: what is outside the window counts as not seen. */
const WINDOW = { width: 1400, height: 900, deviceScaleFactor: 1, mobile: false } as const;

const KEYS = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  " ": 32,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
} as const;

interface Reply {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export class Gallery {
  #next = 1;
  readonly #pending = new Map<number, (reply: Reply) => void>();

  private constructor(
    readonly folder: string,
    readonly process: ChildProcess,
    readonly socket: WebSocket,
  ) {
    socket.on("message", (data) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id !== undefined) this.#pending.get(reply.id)?.(reply);
    });
  }

  static async open(): Promise<Gallery> {
    const folder = mkdtempSync(join(tmpdir(), "meetwidget-gallery-"));
    const script = fileURLToPath(new URL("../dev/gallery.mjs", import.meta.url));
    execFileSync(process.execPath, [script, join(folder, "pages")]);
    const browser = spawn(CHROMIUM ?? "chromium", [
      "--headless=new",
      "--no-sandbox",
      "--remote-debugging-port=0",
      "--allow-file-access-from-files",
      `--user-data-dir=${join(folder, "profile")}`,
      "about:blank",
    ]);
    for await (const line of createInterface(browser.stderr)) {
      const address = /DevTools listening on (ws:.*)/.exec(line)?.[1];
      if (!address) continue;
      const socket = new WebSocket(address);
      await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
      return new Gallery(folder, browser, socket);
    }
    throw new Error("Chromium did not start");
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    await this.call("Browser.close", {});
    await gone;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async call(
    method: string,
    params: Record<string, unknown>,
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const reply = await new Promise<Reply>((resolve) => {
      this.#pending.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
    this.#pending.delete(id);
    if (reply.error) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result ?? {};
  }

  /** Shows a state; `query` as in the gallery's address, `dark` as the system's wish. */
  async show(state: string, query = "", dark = false): Promise<View> {
    const { targetId } = await this.call("Target.createTarget", { url: "about:blank" });
    onTestFinished(() => this.call("Target.closeTarget", { targetId }).then(() => undefined));
    const attached = await this.call("Target.attachToTarget", { targetId, flatten: true });
    const view = new View(this, String(attached.sessionId));
    await view.call("Emulation.setDeviceMetricsOverride", WINDOW);
    await view.call("Emulation.setFocusEmulationEnabled", { enabled: true });
    await view.call("Emulation.setEmulatedMedia", {
      features: [
        { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
        { name: "prefers-reduced-motion", value: "reduce" },
      ],
    });
    const page = pathToFileURL(join(this.folder, "pages/index.html")).href;
    await view.call("Page.navigate", { url: `${page}?state=${state}&${query}` });
    await view.until(`document.querySelector(".mw-room") !== null`);
    return view;
  }
}

/** One state on show. Selectors name elements by CSS; `#name` stands for a test id. */
export class View {
  constructor(
    readonly gallery: Gallery,
    readonly session: string,
  ) {}

  call(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.gallery.call(method, params, this.session);
  }

  /** The value of an expression in the page, as JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const options = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", options);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Waits until an expression in the page is true. */
  async until(expression: string): Promise<void> {
    let value = false;
    let failure: unknown;
    let done = false;
    const look = async (): Promise<void> => {
      while (!value && !done) {
        value = await this.evaluate<boolean>(`Boolean(${expression})`);
      }
    };
    look().catch((error: unknown) => {
      failure = error;
    });
    await until(() => value || failure, expression).finally(() => {
      done = true;
    });
    if (failure) throw failure;
  }

  /** The text of the first element, with spaces made one; null if there is none. */
  text(selector: string): Promise<string | null> {
    const found = `document.querySelector(${JSON.stringify(css(selector))})`;
    return this.evaluate(`${found}?.textContent.replace(/\\s+/g, " ").trim() ?? null`);
  }

  /** An attribute of the element that has the focus; its text for "text". */
  focused(attribute: string): Promise<string | null> {
    return this.evaluate(`document.activeElement.getAttribute(${JSON.stringify(attribute)})`);
  }

  /** Waits until something matches. */
  seen(selector: string): Promise<void> {
    return this.until(`document.querySelector(${JSON.stringify(css(selector))})`);
  }

  gone(selector: string): Promise<void> {
    return this.until(`!document.querySelector(${JSON.stringify(css(selector))})`);
  }

  /** Clicks where the middle of the first match is. */
  async click(selector: string): Promise<void> {
    await this.seen(selector);
    const at = await this.evaluate<{ x: number; y: number }>(`(() => {
      const element = document.querySelector(${JSON.stringify(css(selector))});
      element.scrollIntoView({ block: "center" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    const press = { ...at, button: "left", clickCount: 1 };
    await this.call("Input.dispatchMouseEvent", { type: "mousePressed", ...press });
    await this.call("Input.dispatchMouseEvent", { type: "mouseReleased", ...press });
  }

  async press(key: keyof typeof KEYS): Promise<void> {
    const text = key === "Enter" ? "\r" : key === " " ? " " : undefined;
    const code = key === " " ? "Space" : key;
    const common = { key, code, windowsVirtualKeyCode: KEYS[key] };
    await this.call("Input.dispatchKeyEvent", {
      type: text === undefined ? "rawKeyDown" : "keyDown",
      ...common,
      ...(text === undefined ? {} : { text }),
    });
    await this.call("Input.dispatchKeyEvent", { type: "keyUp", ...common });
  }

  async type(text: string): Promise<void> {
    await this.call("Input.insertText", { text });
  }

  /** From now on the named method of the session is only recorded; see `asked`. */
  async record(...methods: string[]): Promise<void> {
    await this.evaluate(`(() => {
      window.asked = [];
      for (const name of ${JSON.stringify(methods)}) {
        session[name] = async (...given) => void asked.push([name, ...given]);
      }
    })()`);
  }

  asked(): Promise<unknown[][]> {
    return this.evaluate("window.asked");
  }
}

function css(selector: string): string {
  return selector.replace(/#([\w-]+)/g, '[data-testid="$1"]');
}
