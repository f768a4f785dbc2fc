/** The package's version, put in by the build. */
declare const __MEETWIDGET_VERSION__: string;

/** Which part for rich text was built along, put in by the build. */
/** Hash in the name of the part of the interface that is loaded later; see js/later.mjs. */
declare const __MEETWIDGET_LATER__: string;

declare const __MEETWIDGET_RICH__: string;

/** A bundled worker, as the source text of a classic script (see inline.mjs). */
declare module "worker:*" {
  const source: string;
  export default source;
}

/** A bundled AudioWorklet module, as source text (see inline.mjs). */
declare module "worklet:*" {
  const source: string;
  export default source;
}

declare module "*.css";
