/** A real Jupyter server with the extension, and people signed in to it by cookie. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SendOptions } from "../src/session/environment.js";
import { Page } from "./page.js";

function python(): string {
  const venv = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
  return process.env.PYTHON ?? (existsSync(venv) ? venv : "python3");
}

export class Jupyter {
  url = "";
  token = "";
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  private constructor() {
    this.#process = spawn(python(), [fileURLToPath(new URL("jupyter_host.py", import.meta.url))]);
    this.#process.stderr.on("data", (data) => {
      this.#errors += String(data);
    });
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  static async start(): Promise<Jupyter> {
    const jupyter = new Jupyter();
    await jupyter.tell("start");
    return jupyter;
  }

  /** Returns when it is done. */
  async tell(command: "start" | "kill" | "stop"): Promise<void> {
    this.#process.stdin.write(`${command}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the Jupyter server failed:\n${this.#errors}`);
    ({ url: this.url, token: this.token } = JSON.parse(value) as { url: string; token: string });
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    await gone;
  }

  /** A page of `name`, signed in as a browser is: by cookies, with the XSRF check on. */
  async page(name: string): Promise<Page> {
    const person = `test-person=${name}`;
    const answer = await fetch(`${this.url}login?token=${this.token}`, {
      redirect: "manual",
      headers: { Cookie: person },
    });
    const cookies = [person, ...answer.headers.getSetCookie().map((line) => line.split(";")[0]!)];
    const form = await fetch(`${this.url}login`, { headers: { Cookie: cookies.join("; ") } });
    for (const line of form.headers.getSetCookie()) {
      const pair = line.split(";")[0]!;
      if (pair.startsWith("_xsrf=")) cookies.push(pair);
    }
    return new SignedInPage(cookies.join("; "));
  }
}

/** A page whose requests carry its cookies, as a browser's do by themselves. */
class SignedInPage extends Page {
  constructor(cookies: string) {
    super();
    this.cookies = cookies;
  }

  protected override another(): Page {
    return new SignedInPage(this.cookies);
  }

  protected override send(url: string, body: Blob, options: SendOptions) {
    return super.send(url, body, {
      ...options,
      headers: { ...options.headers, Cookie: this.cookies },
    });
  }

  override environment() {
    return {
      ...super.environment(),
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, headers: { ...init.headers, Cookie: this.cookies } }),
    };
  }
}
