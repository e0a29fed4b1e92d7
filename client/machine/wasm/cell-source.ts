// What a WebAssembly cell says: a command line of one program, or a small module itself. Knows no machine.

import { FsError } from "#core/base/errno.ts";
import type { ProgramFolder } from "#core/machine/machine.ts";

export type CellSource =
  | {
      readonly kind: "command";
      readonly env: Readonly<Record<string, string>>;
      /** All that the program may see, where the line says so. */
      readonly folders?: readonly ProgramFolder[];
      readonly argv: readonly [string, ...string[]];
      readonly input: CellInput;
    }
  | { readonly kind: "text-module"; readonly text: string }
  | { readonly kind: "binary-module"; readonly bytes: Uint8Array };

export type CellInput =
  /** What is typed while it runs. */
  | { readonly kind: "typed" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly text: string };

/** Base64 of `\0asm`. */
const binaryStart = "AGFzbQ";

const variable = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/** EINVAL with a sentence for what is none of them. */
export function parseCellSource(source: string): CellSource {
  const bare = source.replace(/^(?:\s|;;[^\n]*\n|#[^\n]*\n)*/, "");
  if (/^\(\s*module\b/.test(bare)) return { kind: "text-module", text: bare };
  if (bare.startsWith(binaryStart)) return { kind: "binary-module", bytes: decodeBase64(bare) };
  return parseCommand(source);
}

function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replace(/\s+/g, "")), (character) => character.charCodeAt(0));
  } catch {
    throw new FsError("EINVAL", "The module in this cell is not valid base64.");
  }
}

function parseCommand(source: string): CellSource {
  const lines = source.split("\n");
  const isNothing = (line: string): boolean => /^\s*(#.*)?$/.test(line);
  while (lines.length > 0 && isNothing(lines[0] ?? "")) lines.shift();
  let command = lines.shift();
  if (command === undefined)
    throw new FsError(
      "EINVAL",
      "This cell names no module: write, for example, tools/hello.wasm 'an argument'.",
    );
  while (/(?<!\\)(?:\\\\)*\\$/.test(command) && lines.length > 0)
    command = `${command.slice(0, -1)} ${lines.shift() ?? ""}`;

  const env: Record<string, string> = {};
  const argv: string[] = [];
  const folders: ProgramFolder[] = [];
  let input: CellInput = { kind: "typed" };
  const tokens = tokenize(command);
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if (token.operator === undefined) {
      const assigned = argv.length === 0 ? variable.exec(token.text) : null;
      const [, name, value] = assigned ?? [];
      if (name !== undefined && value !== undefined) env[name] = value;
      else if (argv.length === 0 && token.text.startsWith("-")) folders.push(takeFolder(token.text, tokens));
      else argv.push(token.text);
      continue;
    }
    const operand = tokens.shift();
    if (operand === undefined || operand.operator !== undefined)
      throw new FsError("EINVAL", `Nothing stands behind ${token.operator}.`);
    input =
      token.operator === "<"
        ? { kind: "file", path: operand.text }
        : { kind: "text", text: takeDocument(lines, operand.text) };
  }
  const [program, ...rest] = argv;
  if (program === undefined) throw new FsError("EINVAL", "This cell sets variables but names no module.");
  const further = lines.find((line) => !isNothing(line));
  if (further !== undefined)
    throw new FsError(
      "EINVAL",
      `A WebAssembly cell runs one command; this would be a second: ${further.trim()}`,
    );
  const seen = folders.length === 0 ? {} : { folders };
  return { kind: "command", env, ...seen, argv: [program, ...rest], input };
}

/** `--dir PATH`, `--dir PATH::NAME`, `--dir=…`: a folder, and the name that it has for the program. */
function takeFolder(option: string, tokens: Token[]): ProgramFolder {
  const [, inline] = /^--dir(?:=(.+))?$/s.exec(option) ?? [];
  if (!/^--dir(?:=|$)/.test(option))
    throw new FsError("EINVAL", `Before the module may stand --dir PATH::NAME, but not ${option}.`);
  const given = inline ?? tokens.shift()?.text;
  const [path = "", name = path] = given?.split("::", 2) ?? [];
  if (path === "" || name === "")
    throw new FsError(
      "EINVAL",
      "Behind --dir stands a folder, for example --dir data::/ for data as the root.",
    );
  return { path, name };
}

/** The lines up to one that is `word` alone. */
function takeDocument(lines: string[], word: string): string {
  const end = lines.indexOf(word);
  if (end === -1)
    throw new FsError("EINVAL", `The text that starts at <<${word} has no line ${word} at its end.`);
  const text = lines.splice(0, end + 1).slice(0, -1);
  return text.map((line) => `${line}\n`).join("");
}

interface Token {
  readonly text: string;
  readonly operator?: "<" | "<<";
}

/** Words with a shell's quotes, and the two operators that take input from elsewhere. */
function tokenize(line: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|#.*$|<<?|(?:[^\s'"\\<>|&;#]|(?<=\S)#|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+|(?<wrong>.)/gsu;
  for (const { 0: part, groups } of line.matchAll(pattern)) {
    const wrong = groups?.["wrong"];
    if (wrong === "'" || wrong === '"') throw new FsError("EINVAL", `A ${wrong} is not closed.`);
    if (wrong !== undefined)
      throw new FsError(
        "EINVAL",
        `A WebAssembly cell runs one program and knows no ${wrong}: put it in quotes.`,
      );
    if (/^\s/.test(part) || part.startsWith("#")) continue;
    tokens.push(part === "<" || part === "<<" ? { text: part, operator: part } : { text: unquote(part) });
  }
  return tokens;
}

function unquote(word: string): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gsu, (_all, single, double, escaped) => {
    if (typeof single === "string") return single;
    if (typeof double === "string") return double.replace(/\\(["\\$`])/g, "$1");
    return String(escaped);
  });
}
