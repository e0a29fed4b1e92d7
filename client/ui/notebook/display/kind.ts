// What is made of a shown thing, by its media type and size. Pure.

export type DisplayKind = "picture" | "page" | "markdown" | "table" | "json" | "text" | "file";

const kinds: Readonly<Record<string, DisplayKind>> = {
  "image/png": "picture",
  "image/jpeg": "picture",
  "image/gif": "picture",
  "image/webp": "picture",
  "image/svg+xml": "picture",
  "text/html": "page",
  "text/markdown": "markdown",
  "text/csv": "table",
  "text/tab-separated-values": "table",
  "application/json": "json",
  "text/plain": "text",
};

/** Bytes. What is larger would hold up the page, and is offered as a file. */
const largest: Readonly<Record<DisplayKind, number>> = {
  picture: 32 * 1024 * 1024,
  page: 8 * 1024 * 1024,
  markdown: 256 * 1024,
  table: 8 * 1024 * 1024,
  json: 4 * 1024 * 1024,
  text: 256 * 1024,
  file: Number.POSITIVE_INFINITY,
};

export function displayKind(mime: string, size: number): DisplayKind {
  const kind = Object.hasOwn(kinds, mime) ? kinds[mime] : undefined;
  return kind !== undefined && size <= largest[kind] ? kind : "file";
}
