/** People's own colours, as the identity provider gives them. */

/** Shown when an identity provider gives none. */
const FALLBACK = "#5c6bc0";

function channels(color: string): readonly [number, number, number] | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color.trim())?.[1];
  if (!hex) return null;
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
  const at = (index: number): number => Number.parseInt(full.slice(index, index + 2), 16);
  return [at(0), at(2), at(4)];
}

/** Relative luminance as WCAG defines it. */
function luminance(rgb: readonly [number, number, number]): number {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Above this luminance dark letters have the better contrast. */
const INK_THRESHOLD = 0.36;

/** Up to this luminance white letters have a contrast of 4.5. */
const WHITE_THRESHOLD = 1.05 / 4.5 - 0.05;

export interface UserColor {
  readonly background: string;
  readonly ink: string;
}

/** A user's colour and letters that are readable on it; theme variables are darkened. */
export function userColor(color: string | undefined): UserColor {
  const given = color?.trim() || FALLBACK;
  const rgb = channels(given);
  if (rgb) {
    const light = luminance(rgb);
    if (light > INK_THRESHOLD) return { background: given, ink: "#16181d" };
    if (light <= WHITE_THRESHOLD) return { background: given, ink: "#fff" };
    return { background: `color-mix(in srgb, ${given} 80%, #10131a)`, ink: "#fff" };
  }
  return { background: `color-mix(in srgb, ${given} 62%, #10131a)`, ink: "#fff" };
}
