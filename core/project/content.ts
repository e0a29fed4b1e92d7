// Between a file's bytes and its text: what counts as text, and how line ends and a byte order mark are kept
// so that a guest gets back exactly the bytes that it wrote. Knows no document.

import { concatBytes, decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import type { Eol } from "./schema.ts";

/** Larger files are bytes: a document of many people holds no logs and dumps. */
const textLimitBytes = 1024 * 1024;

export interface TextContent {
  /** Lines end in "\n", there is no byte order mark. */
  readonly text: string;
  /** Undefined where no line ends: then any will do. */
  readonly eol: Eol | undefined;
  readonly bom: boolean;
}

/** The text that these bytes are, or undefined where they are to be kept as bytes. */
export function parseText(bytes: Uint8Array): TextContent | undefined {
  if (bytes.length > textLimitBytes || bytes.includes(0)) return undefined;
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) return undefined;
  const bom = decoded.startsWith("\uFEFF");
  const body = bom ? decoded.slice(1) : decoded;
  if (!body.includes("\r")) return { text: body, eol: body.includes("\n") ? "lf" : undefined, bom };
  if (/^(?:[^\r\n]|\r\n)*$/.test(body)) return { text: body.replaceAll("\r\n", "\n"), eol: "crlf", bom };
  if (!body.includes("\n")) return { text: body.replaceAll("\r", "\n"), eol: "cr", bom };
  return undefined;
}

export function printText(text: string, eol: Eol, bom: boolean): Uint8Array<ArrayBuffer> {
  const body = encodeUtf8(eol === "lf" ? text : text.replaceAll("\n", eol === "crlf" ? "\r\n" : "\r"));
  return bom ? concatBytes([byteOrderMark, body]) : body;
}

const byteOrderMark = new Uint8Array([0xef, 0xbb, 0xbf]);
