import { expect, test } from "vitest";
import { invitationOf } from "../src/widget/host.js";
import { type IntentModel, takeIntent, wasIn } from "../src/widget/intent.js";

function tab(): Pick<Storage, "getItem" | "setItem"> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  };
}

function model(intent: string): IntentModel & { intent: string; saved: number } {
  const made = {
    intent,
    saved: 0,
    get: () => made.intent,
    set: (_name: "intent", value: string) => {
      made.intent = value;
    },
    save_changes: () => {
      made.saved += 1;
    },
  };
  return made;
}

test("an intent joins once and is cleared on the model", () => {
  const storage = tab();
  const fresh = model("join:1");
  expect(takeIntent(fresh, "a", storage)).toBe(true);
  expect(fresh.intent).toBe("");
  expect(fresh.saved).toBe(1);
  expect(takeIntent(fresh, "a", storage)).toBe(false);
});

test("an intent that a busy kernel still holds does not join again after a reload", () => {
  const storage = tab();
  takeIntent(model("join:1"), "a", storage);
  expect(takeIntent(model("join:1"), "a", storage)).toBe(false);
  expect(takeIntent(model("join:2"), "a", storage)).toBe(true);
});

test("leaving, or an intent that is missing, joins nothing", () => {
  expect(takeIntent(model(""), "a", tab())).toBe(false);
  expect(takeIntent(model("leave"), "a", tab())).toBe(false);
});

test("a tab knows in which rooms it was", () => {
  const storage = tab();
  takeIntent(model("join:1"), "course/lab-1", storage);
  expect(wasIn("course/lab-1", storage)).toBe(true);
  expect(wasIn("lab-1", storage)).toBe(false);
});

test("without storage, or with a broken one, the model alone decides", () => {
  const broken = {
    getItem: () => "{",
    setItem: () => {
      throw new Error("full");
    },
  };
  expect(takeIntent(model("join:1"), "a", null)).toBe(true);
  expect(takeIntent(model("join:1"), "a", broken)).toBe(true);
});

test("an invitation carries neither token nor workspace", () => {
  const { command, link } = invitationOf(
    "physics-101",
    "https://u:p@hub.org/user/ada/lab/workspaces/auto-X/tree/a%20b.ipynb?token=secret#x",
  );
  expect(command).toBe("%meet join physics-101");
  expect(link).toBe("https://hub.org/user/ada/lab/tree/a%20b.ipynb");
});

test("a page that is not on the web has no link", () => {
  expect(invitationOf("r", "vscode-webview://abc/index.html").link).toBeNull();
});
