// Which cell of a Jupyter file is which kind of cell here, and back, by the file's kernel (SPEC NB-76). Knows no outputs
// and nothing of what is kept of a file.

import { type CellKind, isCellKind } from "#core/notebook/cell.ts";
import { printFence } from "#core/notebook/markdown/fence.ts";
import { isObject, type JsonObject } from "./kept.ts";

/** What runs the code cells of a file: IPython, a shell, or something that nothing here runs. */
type Kernel = "python" | "sh" | "other";

/** How a new cell is written. */
export interface CellForm {
  readonly type: "markdown" | "code" | "raw";
  /** What its source begins with, for the kernel. */
  readonly magic: string;
  /** Whether its metadata must name the kind, because the kernel's code is another one. */
  readonly namesKind: boolean;
}

const prose: CellForm = { type: "markdown", magic: "", namesKind: false };
const own: CellForm = { type: "code", magic: "", namesKind: false };
const foreign: CellForm = { type: "code", magic: "", namesKind: true };
const shellInPython: CellForm = { type: "code", magic: "%%bash\n", namesKind: true };
// Jupyter cannot run it; as a raw cell it keeps it.
const wasm: CellForm = { type: "raw", magic: "", namesKind: true };

const forms: Readonly<Record<Kernel, Readonly<Record<CellKind, CellForm>>>> = {
  python: { text: prose, python: own, sh: shellInPython, wasm },
  sh: { text: prose, python: foreign, sh: own, wasm },
  other: { text: prose, python: foreign, sh: foreign, wasm },
};

/** `language` as `languageOf` gives it. */
export function formOf(kind: CellKind, code: string, language: string): CellForm {
  // Python that begins with a magic of the shell would be read as a shell cell.
  if (kind === "python" && shellMagics.test(code)) return foreign;
  return forms[kernelOf(language)][kind];
}

function kernelOf(language: string): Kernel {
  if (/^i?python/i.test(language)) return "python";
  return /^(?:bash|sh|shell|zsh)$/i.test(language) ? "sh" : "other";
}

/** How Jupyter's Python runs a shell cell. */
export const shellMagics = /^%%(?:bash|sh|script (?:bash|sh))[ \t]*\r?\n/;

export interface ReadCell {
  readonly kind: CellKind;
  /** Code, or Markdown. */
  readonly content: string;
  /** Code that nothing here runs, so it is shown. */
  readonly foreign: boolean;
}

export function readCell(cell: JsonObject, language: string): ReadCell {
  const source = joined(cell["source"]).replaceAll("\r\n", "\n");
  const named = namedKind(cell["metadata"]);
  switch (cell["cell_type"]) {
    case "markdown":
      return { kind: "text", content: source, foreign: false };
    case "code":
      break;
    default:
      return named === "wasm"
        ? { kind: "wasm", content: source, foreign: false }
        : { kind: "text", content: printFence("", source), foreign: false };
  }
  if (named !== "python" && shellMagics.test(source))
    return { kind: "sh", content: source.replace(shellMagics, ""), foreign: false };
  if (named === "python" || named === "sh") return { kind: named, content: source, foreign: false };
  const kernel = kernelOf(language);
  if (kernel !== "other") return { kind: kernel, content: source, foreign: false };
  return { kind: "text", content: printFence(language.replaceAll(/[\s`]/g, ""), source), foreign: true };
}

/** The kind that the metadata tells, if any. */
export function namedKind(metadata: unknown): CellKind | undefined {
  const conch = isObject(metadata) ? metadata["conch"] : undefined;
  const kind = isObject(conch) ? conch["kind"] : undefined;
  return isCellKind(kind) ? kind : undefined;
}

/** The metadata with the kind in it, or without any; all else of it stays. */
export function withKind(metadata: unknown, kind: CellKind | undefined): JsonObject {
  const { conch, ...others } = isObject(metadata) ? metadata : {};
  const { kind: _, ...rest } = isObject(conch) ? conch : {};
  const facts = kind === undefined ? rest : { ...rest, kind };
  if (Object.keys(facts).length > 0) return { ...others, conch: facts };
  return conch === undefined || isObject(conch) ? others : { ...others, conch };
}

/** Lines or one string, as the file has it. */
export function joined(source: unknown): string {
  if (typeof source === "string") return source;
  return Array.isArray(source) ? source.filter((line) => typeof line === "string").join("") : "";
}

/** What a kernel's name says where nothing else does. */
const kernelLanguages: readonly (readonly [RegExp, string])[] = [
  [/^(?:ipython|python|ipykernel|pypy|conda|sage|xpython)/i, "python"],
  [/^(?:ir|irkernel|r|xr)$/i, "R"],
  [/^(?:calysto_)?(?:bash|zsh|sh)/i, "bash"],
  [/^julia/i, "julia"],
  [/^(?:javascript|ijavascript|jslab|nodejs|deno|tslab|typescript)/i, "javascript"],
  [/^(?:xcpp|xeus-cling|c\+\+|cling)/i, "cpp"],
  [/^(?:gophernotes|go)/i, "go"],
  [/^(?:scala|almond|spylon)/i, "scala"],
  [
    /^(?:octave|matlab|imatlab|ruby|iruby|rust|evcxr|haskell|ihaskell|perl|iperl|lua|xlua|kotlin|java|ijava|php|sql|xsql)/i,
    "",
  ],
];

/** Of a file by its metadata; "" where a kernel is named that says nothing (NB-73). */
export function languageOf(metadata: unknown): string {
  const { kernelspec, language_info: info } = isObject(metadata) ? metadata : {};
  const kernel = isObject(kernelspec) ? kernelspec : {};
  const told = [isObject(info) ? info["name"] : undefined, kernel["language"]].find(
    (name) => typeof name === "string" && name !== "",
  );
  if (typeof told === "string") return told;
  const { name } = kernel;
  // Nothing of all this is what the first notebooks said of Python.
  if (typeof name !== "string" || name === "") return "python";
  for (const [pattern, language] of kernelLanguages) {
    const match = pattern.exec(name);
    if (match !== null)
      return language === "" ? match[0].toLowerCase().replace(/^i(?=[a-z]{3})/, "") : language;
  }
  return "";
}
