// Generates src/wire/control.ts from the JSON Schema of the Python types, which are the one
// source of the protocol. `--check` fails when the committed files are stale.
//
// The schema uses a small, known subset of JSON Schema, so this is a page of code instead of a
// dependency; a keyword it does not know is an error here, never a silent `unknown`.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const SCHEMA = join(here, "src/wire/control.schema.json");
const TYPES = join(here, "src/wire/control.ts");

function python() {
  if (process.env.PYTHON) return process.env.PYTHON;
  const venv = join(root, ".venv/bin/python");
  return existsSync(venv) ? venv : "python3";
}

const CONSTRAINTS = new Set([
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "minItems",
  "maxItems",
  "title",
  "description",
  "default",
  "discriminator",
]);

/** The TypeScript type of one schema node. */
export function typeOf(node) {
  const shape = Object.keys(node).filter((key) => !CONSTRAINTS.has(key));
  if ("$ref" in node) return node.$ref.replace("#/$defs/", "");
  if ("anyOf" in node) return [...new Set(node.anyOf.map(typeOf))].join(" | ");
  if ("enum" in node) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (shape.length === 0) return "unknown";
  switch (node.type) {
    case "string":
    case "boolean":
    case "null":
      return node.type;
    case "integer":
    case "number":
      return "number";
    case "array": {
      const item = typeOf(node.items ?? {});
      return item.includes("|") ? `readonly (${item})[]` : `readonly ${item}[]`;
    }
    case "object":
      if (!node.properties)
        return `Readonly<Record<string, ${typeOf(node.additionalProperties ?? {})}>>`;
  }
  throw new Error(`wire.mjs cannot express this schema: ${JSON.stringify(node)}`);
}

function doc(text, indent) {
  if (!text) return "";
  return `${indent}/** ${text
    .replaceAll("``", "`")
    .replace(/\s*\n\s*/g, " ")
    .trim()} */\n`;
}

/** The declaration of one named definition. */
function declaration(name, node) {
  if (!node.properties) {
    const type = node.anyOf ? `\n  | ${node.anyOf.map(typeOf).join("\n  | ")}` : ` ${typeOf(node)}`;
    return `${doc(node.description, "")}export type ${name} =${type};\n`;
  }
  const required = new Set(node.required ?? []);
  const names = Object.keys(node.properties).sort(
    (a, b) =>
      Number(!(a === "type" || a === "kind")) - Number(!(b === "type" || b === "kind")) ||
      a.localeCompare(b),
  );
  const fields = names.map((field) => {
    const value = node.properties[field];
    const optional = required.has(field) ? "" : "?";
    return `${doc(value.description, "  ")}  readonly ${field}${optional}: ${typeOf(value)};\n`;
  });
  return `${doc(node.description, "")}export interface ${name} {\n${fields.join("")}}\n`;
}

/** The whole module for a schema. */
export function generate(schema) {
  const names = Object.keys(schema.$defs).sort();
  const parts = names.map((name) => declaration(name, schema.$defs[name]));
  return [
    "// Generated from meetwidget/wire/control.py by `npm run wire`. Do not edit.\n",
    ...parts,
  ].join("\n");
}

function main(check) {
  const env = { ...process.env, PYTHONPATH: root };
  const schema = execFileSync(python(), ["-m", "meetwidget.wire.schema"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  const types = generate(JSON.parse(schema));
  const stale = [
    [SCHEMA, schema],
    [TYPES, types],
  ].filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
  if (check) {
    for (const [path] of stale) console.error(`${path} is stale: run \`make wire\`.`);
    process.exitCode = stale.length ? 1 : 0;
  } else {
    for (const [path, text] of stale) writeFileSync(path, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes("--check"));
