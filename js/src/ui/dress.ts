/** Gives another document the interface's styles and the host's theme. */

/** The theme's variables that our styles use. */
const THEME = /--jp-[\w-]+/g;

/** Copies styles and theme of the room `from`, and follows the theme until the result is called. */
export function dress(page: Document, from: Element): () => void {
  const root = from.getRootNode() as Document | ShadowRoot;
  const text = [...root.styleSheets, ...root.adoptedStyleSheets].map(ours).join("\n");
  const style = page.createElement("style");
  style.textContent = `${text}\nhtml, body { height: 100%; margin: 0; }`;
  page.head.append(style);
  const names = new Set(text.match(THEME));
  const follow = (): void => {
    const theme = getComputedStyle(from);
    for (const name of names) {
      const value = theme.getPropertyValue(name);
      if (value !== "") page.documentElement.style.setProperty(name, value);
    }
    const light = document.body.dataset.jpThemeLight;
    if (light !== undefined) page.documentElement.dataset.jpThemeLight = light;
  };
  follow();
  const observer = new MutationObserver(follow);
  observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  return () => observer.disconnect();
}

/** A sheet's rules if it is one of ours, else nothing. */
function ours(sheet: CSSStyleSheet): string {
  try {
    const rules = [...sheet.cssRules].map((rule) => rule.cssText);
    return rules.some((rule) => rule.includes(".mw-room")) ? rules.join("\n") : "";
  } catch {
    return ""; // another origin's
  }
}
