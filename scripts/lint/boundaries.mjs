// @ts-check
// An oxlint plugin: which folder imports which folder and package. The table is imports.json; ARCHITECTURE.md explains
// it. JavaScript, because oxlint loads its plugins with the plain Node of the machine, which may be version 20.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "../..");

/** @type {Readonly<Record<string, readonly string[]>>} What each folder, or file, may import: folders, files, packages. */
const table = JSON.parse(readFileSync(join(import.meta.dirname, "imports.json"), "utf8"));

/** @type {readonly (readonly [prefix: string, folder: string])[]} The subpath imports of package.json. */
const subpaths = Object.entries(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).imports).map(
  ([pattern, path]) => [pattern.slice(0, -1), path.slice("./".length, -1)],
);

/**
 * The row of the table that holds for a file.
 * @param {string} path from the root of the repository
 */
function rowOf(path) {
  const holding = Object.keys(table).filter((row) => isIn(path, row));
  return holding.reduce((longest, row) => (row.length > longest.length ? row : longest), "");
}

/** @param {string} path @param {string} place a file, a folder, or the files of a folder without its subfolders */
function isIn(path, place) {
  if (place.endsWith("/*")) return dirname(path) === place.slice(0, -"/*".length);
  return path === place || path.startsWith(`${place}/`);
}

/**
 * What a specifier names: a file of the repository, or a package.
 * @param {string} specifier @param {string} importer
 * @returns {{ file: string } | { package: string }}
 */
function targetOf(specifier, importer) {
  const subpath = subpaths.find(([prefix]) => specifier.startsWith(prefix));
  if (subpath) return { file: subpath[1] + specifier.slice(subpath[0].length) };
  if (specifier.startsWith(".")) return { file: join(dirname(importer), specifier) };
  if (specifier.startsWith("node:")) return { package: "node:*" };
  return { package: specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/") };
}

/**
 * Why an import is refused; nothing if it is not.
 * @param {string} importer @param {string} specifier
 */
function refusal(importer, specifier) {
  const row = rowOf(importer);
  if (row === "") return undefined;
  const allowed = table[row] ?? [];
  const target = targetOf(specifier, importer);
  const isAllowed =
    "package" in target
      ? allowed.includes(target.package)
      : rowOf(target.file) === row || allowed.some((place) => isIn(target.file, place));
  if (isAllowed) return undefined;
  const name = "package" in target ? target.package : target.file;
  const others = allowed.length > 0 ? allowed.join(", ") : "nothing";
  return `${row} may not import ${name}: it imports ${others} (scripts/lint/imports.json, ARCHITECTURE.md).`;
}

const boundaries = {
  /** @param {{ filename: string, report: (problem: { node: unknown, message: string }) => void }} context */
  create(context) {
    const importer = relative(root, context.filename);
    /** @param {{ source?: { value?: unknown } | null }} node an import, or an export from another module */
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== "string") return;
      const message = refusal(importer, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

export default { meta: { name: "conch" }, rules: { boundaries } };
