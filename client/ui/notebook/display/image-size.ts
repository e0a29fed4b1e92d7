// How large a picture is, from its first bytes: so that its room is there before it has been decoded. Pure.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Where an SVG says it: in its first element, behind whatever an editor wrote before it. */
const svgHead = 8 * 1024;

/** undefined where the bytes do not say. */
export function imageSize(bytes: Uint8Array, mime: string): ImageSize | undefined {
  const size = mime === "image/svg+xml" ? svgSize(bytes) : rasterSize(bytes);
  return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
}

function rasterSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (at: number, letters: string): boolean =>
    bytes.length >= at + letters.length &&
    Array.from(letters).every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
  if (bytes.length < 30) return undefined;
  if (has(0, "\u0089PNG\r\n")) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (has(0, "GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (has(0, "\u00FF\u00D8")) return jpegSize(view);
  if (!has(0, "RIFF") || !has(8, "WEBP")) return undefined;
  if (has(12, "VP8X")) return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
  if (has(12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

/** The first frame header among the segments. */
function jpegSize(view: DataView): ImageSize | undefined {
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const kind = view.getUint8(at + 1);
    const isFrame = kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function svgSize(bytes: Uint8Array): ImageSize | undefined {
  const head = decodeUtf8Lossy(bytes.subarray(0, svgHead));
  const tag = /<svg\b[^>]*>/.exec(head)?.[0];
  if (tag === undefined) return undefined;
  const length = (name: string): number =>
    Number(new RegExp(`\\s${name}\\s*=\\s*["']\\s*([\\d.]+)(?:px)?\\s*["']`).exec(tag)?.[1]);
  const [width, height] = [length("width"), length("height")];
  const box =
    /\sviewBox\s*=\s*["']\s*([^"']+?)\s*["']/
      .exec(tag)?.[1]
      ?.split(/[\s,]+/)
      .map(Number) ?? [];
  const [, , boxWidth = Number.NaN, boxHeight = Number.NaN] = box;
  if (width > 0 && height > 0) return { width, height };
  if (!(boxWidth > 0 && boxHeight > 0)) return undefined;
  if (width > 0) return { width, height: (width * boxHeight) / boxWidth };
  if (height > 0) return { width: (height * boxWidth) / boxHeight, height };
  return { width: boxWidth, height: boxHeight };
}
