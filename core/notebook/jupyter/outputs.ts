// Outputs of a Jupyter file as the output of a run, and back. Reading takes what is shown best of each; the file's own
// words are kept by kept.ts, so nothing needs to come back the same.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Cell } from "#core/notebook/cell.ts";
import { type DisplayItem, outputParts, printDisplay } from "#core/notebook/output/display.ts";
import { base64Of, isObject, type JsonObject, type KeptBlobs } from "./kept.ts";
import { OutputLog } from "#core/notebook/output/log.ts";
import { leftOut } from "#core/notebook/output/print-screen.ts";
import { lineColumns, logBytes, outputOf } from "#core/notebook/run/run-cell.ts";
import type { RunOutput } from "#core/notebook/output/run-record.ts";
import { Screen } from "#core/notebook/output/screen.ts";

/** Richest first: what of several forms of one thing is shown. */
const shownTypes = [
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/svg+xml",
  "text/html",
  "text/markdown",
  "application/json",
] as const;

const extensions: Readonly<Record<string, string>> = {
  "image/svg+xml": "svg",
  "text/html": "html",
  "text/markdown": "md",
};

export interface ReadOutputs {
  readonly output: RunOutput | undefined;
  readonly failed: boolean;
}

/** undefined where there are none. */
export function readOutputs(outputs: unknown, blobs: KeptBlobs): ReadOutputs | undefined {
  if (!Array.isArray(outputs) || outputs.length === 0) return undefined;
  const log = new OutputLog(logBytes, logBytes);
  const screen = new Screen(undefined, lineColumns);
  let lineOpen = false;
  let failed = false;
  const write = (text: string): void => {
    if (text === "") return;
    const bytes = encodeUtf8(text.replaceAll(/\r?\n/g, "\r\n"));
    log.append(bytes);
    screen.write(bytes);
    lineOpen = !text.endsWith("\n");
  };
  outputs.filter(isObject).forEach((output, index) => {
    if (output["output_type"] === "stream") return write(textOf(output["text"]));
    if (lineOpen) write("\n");
    if (output["output_type"] === "error") {
      failed = true;
      const lines = Array.isArray(output["traceback"]) ? output["traceback"].map(textOf) : [];
      write(
        `${lines.length > 0 ? lines.join("\n") : `${textOf(output["ename"])}: ${textOf(output["evalue"])}`}\n`,
      );
      return undefined;
    }
    const { data } = output;
    if (!isObject(data)) return undefined;
    const shown = readDisplayed(data, index, blobs);
    return write(`${shown ?? textOf(data["text/plain"])}\n`);
  });
  return { output: outputOf(log, screen, blobs), failed };
}

function readDisplayed(data: JsonObject, index: number, blobs: KeptBlobs): string | undefined {
  for (const mime of shownTypes) {
    const value = data[mime];
    if (value === undefined) continue;
    const bytes = bytesOf(mime, value);
    if (bytes === undefined) continue;
    const { hash, size } = blobs.put(bytes);
    const extension = extensions[mime] ?? mime.replace(/^.*\//, "");
    return printDisplay({ hash, size, mime, name: `output-${index + 1}.${extension}` });
  }
  return undefined;
}

function bytesOf(mime: string, value: unknown): Uint8Array | undefined {
  if (mime === "application/json") return encodeUtf8(JSON.stringify(value, undefined, 2));
  if (mime.startsWith("text/") || mime === "image/svg+xml") return encodeUtf8(textOf(value));
  try {
    return Uint8Array.from(atob(textOf(value).replaceAll(/\s/g, "")), (letter) => letter.charCodeAt(0));
  } catch {
    // Not base64: the text form is shown.
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(textOf).join("") : "";
}

/** Text is kept as its lines, each with its end. */
export function linesOf(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** The newest run's stored output. A blob that cannot be had now is left out: its name stands in its place. */
export async function printOutputs(cell: Cell, blobs: Pick<KeptBlobs, "get">): Promise<object[]> {
  const output = cell.run?.output;
  if (output === undefined) return [];
  const gap = output.omitted === 0 ? "" : `\n${leftOut(output.omittedLines ?? 0, output.omitted)}\n`;
  const outputs: object[] = [];
  for (const part of outputParts(output.head + gap + output.tail)) {
    if (typeof part !== "string") outputs.push(await printDisplayed(part, blobs));
    else if (part.trim() !== "")
      outputs.push({ output_type: "stream", name: "stdout", text: linesOf(part.replaceAll("\r\n", "\n")) });
  }
  return outputs;
}

async function printDisplayed(
  { hash, size, mime, name }: DisplayItem,
  blobs: Pick<KeptBlobs, "get">,
): Promise<object> {
  const data: Record<string, unknown> = { "text/plain": [`[${name}]`] };
  try {
    data[mime] = contentOf(mime, await blobs.get({ hash, size }));
  } catch {
    // Its name has to do.
  }
  return { output_type: "display_data", data, metadata: {} };
}

function contentOf(mime: string, bytes: Uint8Array): unknown {
  if (mime === "application/json") return JSON.parse(decodeUtf8Lossy(bytes));
  if (mime.startsWith("text/") || mime === "image/svg+xml") return linesOf(decodeUtf8Lossy(bytes));
  return base64Of(bytes);
}
