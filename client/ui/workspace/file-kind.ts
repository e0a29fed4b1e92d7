// What a file's bytes are, told by how they begin; and bytes as people read them. Pure.

import { decodeUtf8 } from "#core/base/bytes.ts";
import { extension } from "#core/base/path.ts";

export type FileKind =
  /** `type` is its media type. */
  | { readonly kind: "picture"; readonly label: string; readonly type: string }
  /** Text that the editor does not take; `why` completes "It is not edited here: …". */
  | { readonly kind: "text"; readonly label: string; readonly why: string; readonly text: string }
  | { readonly kind: "binary"; readonly label: string };

/** Bytes at the beginning that are looked at, and shown of a text. */
export const headSize = 64 * 1024;

/** What a text file may hold at most: the rule is core/project's. */
const largestText = 1024 * 1024;

interface Signature {
  readonly at?: number;
  /** As Latin-1. */
  readonly magic: string;
  readonly label: string;
  /** Of what a browser shows. */
  readonly picture?: string;
}

const signatures: readonly Signature[] = [
  { magic: "\x89PNG\r\n", label: "PNG picture", picture: "image/png" },
  { magic: "\xff\xd8\xff", label: "JPEG picture", picture: "image/jpeg" },
  { magic: "GIF8", label: "GIF picture", picture: "image/gif" },
  { at: 8, magic: "WEBP", label: "WebP picture", picture: "image/webp" },
  { at: 4, magic: "ftypavif", label: "AVIF picture", picture: "image/avif" },
  { magic: "BM", label: "Bitmap picture", picture: "image/bmp" },
  { magic: "\0\0\x01\0", label: "Icon", picture: "image/x-icon" },
  { magic: "%PDF-", label: "PDF document" },
  { magic: "PK\x03\x04", label: "ZIP archive" },
  { magic: "\x1f\x8b", label: "gzip archive" },
  { magic: "\xfd7zXZ", label: "xz archive" },
  { magic: "\x28\xb5\x2f\xfd", label: "Zstandard archive" },
  { magic: "BZh", label: "bzip2 archive" },
  { at: 257, magic: "ustar", label: "tar archive" },
  { magic: "\x7fELF", label: "Linux program" },
  { magic: "\0asm", label: "WebAssembly program" },
  { magic: "SQLite format 3\0", label: "SQLite database" },
  { magic: "OggS", label: "Ogg recording" },
  { magic: "ID3", label: "MP3 recording" },
  { at: 8, magic: "WAVE", label: "WAV recording" },
  { at: 4, magic: "ftyp", label: "MP4 film" },
];

/** Of a file with this name and size that begins with `head`. */
export function kindOfFile(name: string, size: number, head: Uint8Array): FileKind {
  const latin = String.fromCharCode(...head.subarray(0, 300));
  const known = signatures.find(({ at = 0, magic }) => latin.startsWith(magic, at));
  if (known?.picture !== undefined) return { kind: "picture", label: known.label, type: known.picture };
  if (known !== undefined) return { kind: "binary", label: known.label };
  if (!head.includes(0)) {
    const text = decodeHead(head, size);
    if (text === undefined)
      return {
        kind: "text",
        label: "Text, not in UTF-8",
        why: "its letters are not in UTF-8. They are shown as Western European (Latin-1).",
        text: new TextDecoder("latin1").decode(head),
      };
    if (size > largestText)
      return { kind: "text", label: "Large text", why: "it is larger than 1 MB.", text };
    if (size > 0)
      return {
        kind: "text",
        label: "Text",
        why: "its lines end in different ways, or it belongs to a program such as git.",
        text,
      };
  }
  const suffix = extension(name).slice(1);
  return { kind: "binary", label: suffix === "" ? "Binary file" : `${suffix.toUpperCase()} file` };
}

/** UTF-8; a letter that the end of the head cuts apart is left out. */
function decodeHead(head: Uint8Array, size: number): string | undefined {
  for (let cut = 0; cut < 4; cut++) {
    const text = decodeUtf8(head.subarray(0, head.length - cut));
    if (text !== undefined) return text;
    if (head.length === size) return undefined;
  }
  return undefined;
}

/** Rows of sixteen: where, the bytes, and the letters they would be. */
export function hexRows(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const letters = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·"));
    rows.push(
      `${at.toString(16).padStart(6, "0")}  ${hex.slice(0, 8).join(" ").padEnd(23)}  ${hex.slice(8).join(" ").padEnd(23)}  ${letters.join("")}`,
    );
  }
  return rows.join("\n");
}
