// Fenced code blocks: the info string with its attributes, and the block as a whole, read and printed.
// Knows nothing of cells' identity, of Yjs or of the rest of Markdown.

/** A code cell's language, by what runs it. */
export type CodeKind = "sh" | "python" | "wasm";

const kindOfLanguage: Readonly<Record<string, CodeKind>> = {
  sh: "sh",
  bash: "sh",
  shell: "sh",
  python: "python",
  py: "python",
  python3: "python",
  wasm: "wasm",
};

/** What stands behind the fence: `sh {id=a1 name="Build it"}`. */
export interface Info {
  readonly language: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** A fenced block as it was read. `source` has no final newline. */
export interface Fence {
  readonly marker: "`" | "~";
  readonly length: number;
  /** The info string as written. */
  readonly info: string;
  readonly source: string;
  /** False where the file ends before the closing fence. */
  readonly closed: boolean;
}

export function parseInfo(info: string): Info {
  const [, language = "", rest = ""] = /^\s*([^\s{]*)([^]*)$/.exec(info) ?? [];
  const braces = /\{([^]*)\}\s*$/.exec(rest);
  return { language, attributes: braces === null ? new Map() : parseAttributes(braces[1] ?? "") };
}

/** `id=a name="b c"`, or as Runme writes it, the inside of a JSON object. */
function parseAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  try {
    const parsed: unknown = JSON.parse(`{${text}}`);
    for (const [key, value] of Object.entries(parsed as Record<string, unknown>))
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
        attributes.set(key, String(value));
    return attributes;
  } catch {
    // Not JSON: the plain form.
  }
  const pair = /([A-Za-z_][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,}]+))/g;
  for (const [, key = "", double, single, bare] of text.matchAll(pair))
    attributes.set(key, double?.replaceAll(/\\(.)/g, "$1") ?? single ?? bare ?? "");
  return attributes;
}

/** What runs a block with this info string; undefined where it is only shown. */
export function kindOfInfo(info: string): CodeKind | undefined {
  const { language, attributes } = parseInfo(info);
  if (attributes.get("run") === "false") return undefined;
  return Object.hasOwn(kindOfLanguage, language) ? kindOfLanguage[language] : undefined;
}

/** The info string for this kind and name, changed only where it must be. */
export function rewriteInfo(info: string, kind: CodeKind, name: string | undefined): string {
  const { language, attributes } = parseInfo(info);
  const sameKind = kindOfInfo(info) === kind;
  if (sameKind && attributes.get("name") === name) return info;
  const kept = new Map(attributes);
  if (name === undefined) kept.delete("name");
  else kept.set("name", name);
  const pairs = [...kept].map(([key, value]) => `${key}=${quoteValue(value)}`);
  const word = sameKind ? language : kind;
  return pairs.length === 0 ? word : `${word} {${pairs.join(" ")}}`;
}

/** The mark that keeps a runnable block prose, as it is written alone. */
export const inertAttribute = "{run=false}";

/** An opening line that says what it said, and that the block is only shown. */
export function inertInfo(line: string): string {
  const text = line.trimEnd();
  const braces = /\{([^]*)\}$/.exec(text);
  if (braces === null) return `${text} ${inertAttribute}`;
  const inside = (braces[1] ?? "").trim();
  const pair = inside.startsWith('"') ? '"run":false' : "run=false";
  const comma = inside.startsWith('"') ? "," : " ";
  return `${text.slice(0, braces.index)}{${inside === "" ? "" : inside + comma}${pair}}`;
}

function quoteValue(value: string): string {
  if (/^[\w./:-]+$/.test(value)) return value;
  // A backtick would end the info string of a backtick fence, a line break any.
  const oneLine = value.replaceAll(/[\r\n]+/g, " ").replaceAll("`", "'");
  return `"${oneLine.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** Reads a slice of Markdown that is one fenced block; undefined where it is none (an indented block). */
export function parseFence(slice: string): Fence | undefined {
  const opening = /^( {0,3})(`{3,}|~{3,})([^\r\n]*)(\r\n|\n|\r|$)/.exec(slice);
  if (opening === null) return undefined;
  const [whole, indent = "", run = "", info = ""] = opening;
  const marker = run.startsWith("~") ? "~" : "`";
  const body = slice.slice(whole.length);
  const closing = new RegExp(`(^|\\r\\n|\\n|\\r) {0,3}${marker}{${run.length},}[ \\t]*$`).exec(body);
  const content = closing === null ? body : body.slice(0, closing.index);
  const source = indent === "" ? content : content.replaceAll(new RegExp(`^ {0,${indent.length}}`, "gm"), "");
  return { marker, length: run.length, info: info.trim(), source, closed: closing !== null };
}

/** Prints a block, with a fence longer than any run of its marker inside. */
export function printFence(info: string, source: string, style?: Pick<Fence, "marker" | "length">): string {
  const marker = style?.marker ?? "`";
  let length = style?.length ?? 3;
  for (const [run] of source.matchAll(marker === "~" ? /~{3,}/g : /`{3,}/g))
    length = Math.max(length, run.length + 1);
  const fence = marker.repeat(length);
  return `${fence}${info}\n${source === "" ? "" : `${source}\n`}${fence}`;
}
