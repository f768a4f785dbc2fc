// Builds meetwidget/labextension, the prebuilt extension of JupyterLab 4 and Notebook 7: esbuild
// makes one module of js/src/lab, Jupyter's own builder wraps it as a federated one, so that it
// uses JupyterLab's modules instead of copies.

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../meetwidget/labextension");
/** What the builder is given: a package by itself, so that it shares none of our dependencies. */
const made = join(here, "build/lab");
const { name, version, license, description } = JSON.parse(
  readFileSync(join(here, "package.json"), "utf8"),
);

/** JupyterLab's modules that js/src/lab imports code from: its own, whatever its 4.x. */
const FROM_LAB = ["application", "apputils", "docmanager", "notebook"];
const LAB_VERSIONS = "^4.0.0";
const LUMINO = ["@lumino/widgets", "^2.0.0"];

const manifest = {
  name,
  version,
  description,
  license,
  main: "index.js",
  dependencies: {},
  jupyterlab: {
    extension: true,
    outputDir: "../../../meetwidget/labextension",
    schemaDir: "schema",
    sharedPackages: Object.fromEntries(
      [...FROM_LAB.map((part) => [`@jupyterlab/${part}`, LAB_VERSIONS]), LUMINO].map(
        ([part, requiredVersion]) => [
          part,
          { bundled: false, singleton: true, requiredVersion, strictVersion: false },
        ],
      ),
    ),
  },
};

/** What pip needs to be named as the one who installed the extension. */
const INSTALL = {
  packageManager: "python",
  packageName: name,
  uninstallInstructions: `Use your Python package manager (pip, conda) to uninstall the package ${name}`,
};

/** Builds the labextension, unless it was made of the same module already. */
export async function buildLab({ target, define }) {
  const bundle = await build({
    absWorkingDir: here,
    entryPoints: ["src/lab/index.ts"],
    bundle: true,
    format: "esm",
    target,
    define,
    external: ["@jupyterlab/*", "@lumino/*"],
    write: false,
  });
  const schema = readFileSync(join(here, "src/lab/schema/places.json"), "utf8");
  const source = bundle.outputFiles[0].text;
  const key = JSON.stringify([source, manifest, schema]);
  const stamp = join(made, "made-of.json");
  const current =
    existsSync(join(out, "package.json")) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === key;
  if (current) {
    // Newer than its sources: that is what make and the build hook ask.
    const now = new Date();
    utimesSync(join(out, "package.json"), now, now);
    return;
  }
  mkdirSync(made, { recursive: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(join(made, "index.js"), source);
  writeFileSync(join(made, "package.json"), JSON.stringify(manifest, null, 2));
  cpSync(join(here, "src/lab/schema"), join(made, "schema"), { recursive: true });
  const require = createRequire(import.meta.url);
  const builder = require.resolve("@jupyter/builder/lib/build-labextension.js");
  const core = createRequire(builder).resolve("@jupyterlab/core-meta/core.package.json");
  try {
    await promisify(execFile)(process.execPath, [builder, "--core-package-file", core, made]);
  } catch (error) {
    throw new Error(`Jupyter's builder failed:\n${error.stdout ?? ""}${error.stderr ?? error}`);
  }
  writeFileSync(join(out, "install.json"), JSON.stringify(INSTALL, null, 2));
  writeFileSync(stamp, key);
}
