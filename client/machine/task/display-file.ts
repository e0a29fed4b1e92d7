// /task/display: bytes go in, the mark comes out that shows them where it is printed (SPEC DISPLAY-1 to DISPLAY-3).
// Knows no terminal: who writes prints the mark.

import { concatBytes, decodeUtf8, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { extension } from "#core/base/path.ts";

import { printDisplay } from "#core/notebook/output/display.ts";
import type { BlobStore } from "#core/project/blobs.ts";

import type { TreeFile } from "./tree-fs.ts";

/** More than a person can look at, and little enough to be held twice. */
const maxBytes = 64 * 1024 * 1024;

/** A type and a file name. */
const maxHeaderBytes = 1024;

/** What cells know how to draw, by the endings that name it. */
const types: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".svg": "image/svg+xml",
  ".html": "text/html",
  ".htm": "text/html",
  ".md": "text/markdown",
  ".markdown": "text/markdown",
  ".csv": "text/csv",
  ".tsv": "text/tab-separated-values",
  ".json": "application/json",
};

const signatures: readonly (readonly [start: string, type: string])[] = [
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["\xff\xd8\xff", "image/jpeg"],
  ["GIF8", "image/gif"],
  ["RIFF", "image/webp"],
];

/** `TYPE NAME` and a newline, then the bytes; a read ends it and gives the mark. */
export function displayFile(blobs: BlobStore): TreeFile {
  return {
    open: {
      mode: 0o666,
      begin: () => {
        const content = new Collected();
        let mark: Uint8Array | undefined;
        return {
          write: (data) => {
            if (mark !== undefined) throw new FsError("EPIPE", "this has been shown");
            return content.add(data);
          },
          // The offset is where writing ended: a stream has none.
          read: (_offset, count) => {
            mark ??= encodeUtf8(showAs(blobs, content.take()));
            const piece = mark.subarray(0, count);
            mark = mark.subarray(count);
            return piece;
          },
        };
      },
    },
  };
}

/** Bytes; when the file is closed, they are shown in the output of its task. */
export function taskDisplay(blobs: BlobStore, print: (mark: Uint8Array) => void): TreeFile {
  return {
    open: {
      mode: 0o222,
      begin: () => {
        const content = new Collected();
        return {
          write: (data) => content.add(data),
          close: () => {
            const bytes = content.take();
            if (bytes.length > 0) print(encodeUtf8(mark(blobs, bytes, "-", "")));
          },
        };
      },
    },
  };
}

class Collected {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  add(data: Uint8Array): number {
    if (this.#length + data.length > maxBytes) throw new FsError("EFBIG");
    this.#length += data.length;
    this.#pieces.push(data.slice());
    return data.length;
  }

  take(): Uint8Array {
    return concatBytes(this.#pieces.splice(0));
  }
}

function showAs(blobs: BlobStore, bytes: Uint8Array): string {
  const end = bytes.indexOf(0x0a);
  if (end < 0 || end > maxHeaderBytes) throw new FsError("EINVAL", "the first line is TYPE NAME");
  const [, type = "", name = ""] = /^(\S+) (.*)$/.exec(decodeUtf8Lossy(bytes.subarray(0, end))) ?? [];
  if (type !== "-" && !/^[\w.+-]+\/[\w.+-]+$/.test(type)) throw new FsError("EINVAL", "not a media type");
  return mark(blobs, bytes.slice(end + 1), type, name);
}

function mark(blobs: BlobStore, content: Uint8Array, type: string, name: string): string {
  const mime = type === "-" ? guess(name, content) : type.toLowerCase();
  return printDisplay({ ...blobs.put(content), mime, name });
}

function guess(name: string, content: Uint8Array): string {
  const named = types[extension(name)];
  if (named !== undefined) return named;
  const start = String.fromCharCode(...content.subarray(0, 8));
  const signed = signatures.find(([signature]) => start.startsWith(signature));
  if (signed !== undefined) return signed[1];
  const text = decodeUtf8(content);
  if (text === undefined) return "application/octet-stream";
  if (/^\s*(<\?xml[^>]*>\s*)?<svg\b/i.test(text)) return "image/svg+xml";
  if (/^\s*(<!doctype html|<html)\b/i.test(text)) return "text/html";
  return "text/plain";
}
