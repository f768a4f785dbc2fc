/** Names of the style files of this part, by what they are for, put in by the build. */
declare const __RICH_STYLES__: { readonly rich: string; readonly katex: string };

declare module "markdown-it-emoji/lib/data/full.mjs" {
  const emoji: Readonly<Record<string, string>>;
  export default emoji;
}
