"""What on a page cannot be read, named or hit: contrast, accessible names and sizes of targets."""

from __future__ import annotations

from playwright.sync_api import Page

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3 (AA) for text."""
LEAST_TARGET = 24
"""CSS pixels; WCAG 2.2, 2.5.8 (AA)."""

_LOOK = """
([leastContrast, leastTarget]) => {
  const rgba = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
    const scale = text.startsWith('color(') ? 255 : 1;
    return [red * scale, green * scale, blue * scale, alpha];
  };
  const over = (top, below) =>
    [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const background = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      layers.push(rgba(getComputedStyle(e).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const luminance = (color) => {
    const [red, green, blue] = color.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (element) => {
    const behind = background(element);
    const text = over(rgba(getComputedStyle(element).color), behind);
    const [light, dark] = [luminance(text), luminance(behind)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement, textContent } = texts.currentNode;
    if (!textContent.trim() || !parentElement.checkVisibility()) continue;
    if (parentElement.closest('script, style, :disabled')) continue;
    const value = contrast(parentElement);
    if (value < leastContrast) found.push(`contrast ${value.toFixed(1)}: ${textContent.trim()}`);
  }
  for (const element of document.querySelectorAll('a, button, input, select, textarea')) {
    if (!element.checkVisibility()) continue;
    const { width, height } = element.getBoundingClientRect();
    const label = element.labels?.[0]?.textContent ?? '';
    const name = (element.ariaLabel || label || element.textContent || element.title).trim();
    if (!name) found.push(`no name: ${element.outerHTML.slice(0, 120)}`);
    // A link within a sentence is as high as its line: 2.5.8 says so.
    if (getComputedStyle(element).display === 'inline') continue;
    if (Math.min(width, height) < leastTarget) found.push(`${width} × ${height}: ${name}`);
  }
  return found;
}
"""


def flaws(page: Page) -> list[str]:
    """Returns what of the visible page falls short, each as one line."""
    found: list[str] = page.evaluate(_LOOK, [LEAST_CONTRAST, LEAST_TARGET])
    return found
