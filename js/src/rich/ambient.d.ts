/** Names of the style files of this part, by what they are for, put in by the build. */
declare const __RICH_STYLES__: {
  readonly rich: string;
  readonly katex: string;
  readonly figure: string;
};

declare module "plotly.js-cartesian-dist-min" {
  const Plotly: {
    react(host: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
    purge(host: HTMLElement): void;
  };
  export default Plotly;
}

declare module "markdown-it-emoji/lib/data/full.mjs" {
  const emoji: Readonly<Record<string, string>>;
  export default emoji;
}
