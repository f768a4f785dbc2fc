/**
 * What is shared by every copy of this code on a page.
 *
 * anywidget imports the bundle anew for each model, so module state is per copy, and a signal of
 * one copy does not wake the effects of another (signals-core tracks readers in module state).
 * Hence the rule for entries: reach session, media and interface only through
 * `shared("runtime", …)`, so that the first copy of a version serves the whole page.
 */

const KEY = Symbol.for("meetwidget");

/** Layout of the registry object itself; a copy with another layout keeps to itself. */
const LAYOUT = 1;

interface Registry {
  readonly layout: typeof LAYOUT;
  /** By bundle version: copies of different versions do not share objects. */
  readonly versions: Map<string, Map<string, unknown>>;
}

function registry(): Registry {
  const scope = globalThis as unknown as Record<symbol, Registry | undefined>;
  const found = scope[KEY];
  if (found?.layout === LAYOUT) return found;
  const made: Registry = { layout: LAYOUT, versions: new Map() };
  if (found === undefined) scope[KEY] = made;
  return made;
}

/** The page's one object of this name and bundle version, made on first use. */
export function shared<T>(name: string, create: () => T, version = __MEETWIDGET_VERSION__): T {
  const { versions } = registry();
  let slots = versions.get(version);
  if (!slots) {
    slots = new Map();
    versions.set(version, slots);
  }
  if (!slots.has(name)) slots.set(name, create());
  return slots.get(name) as T;
}
