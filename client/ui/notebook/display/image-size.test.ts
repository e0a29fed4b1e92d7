import { expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { imageSize } from "./image-size.ts";

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

const svg = (tag: string): Uint8Array =>
  encodeUtf8(`<?xml version="1.0"?>\n<!-- drawn -->\n${tag}<g/></svg>`);

it("reads the size of pictures of every kind that browsers draw", () => {
  // Each 3 wide and 2 high, as ImageMagick writes them.
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAC0lEQVQI12NgwAUAABoAASRETuUAAAAASUVORK5CYII=";
  const gif = "R0lGODlhAwACAPAAAP8AAAAAACH5BAAAAAAALAAAAAADAAIAAAIChF0AOw==";
  expect(imageSize(bytesOf(png), "image/png")).toEqual({ width: 3, height: 2 });
  expect(imageSize(bytesOf(gif), "image/gif")).toEqual({ width: 3, height: 2 });
  const jpeg = [
    0xff,
    0xd8,
    0xff,
    0xe0,
    0,
    16,
    ..."JFIF\0".split("").map((c) => c.charCodeAt(0)),
    1,
    1,
    0,
    0,
    1,
    0,
    1,
    0,
    0,
  ];
  const frame = [0xff, 0xc2, 0, 17, 8, 0, 2, 0, 3, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
  expect(imageSize(Uint8Array.from([...jpeg, ...frame]), "image/jpeg")).toEqual({ width: 3, height: 2 });
  const webp = encodeUtf8("RIFF....WEBPVP8X................");
  webp.set([2, 0, 0, 1, 0, 0], 24);
  expect(imageSize(webp, "image/webp")).toEqual({ width: 3, height: 2 });
});

it("reads what an SVG says of itself", () => {
  const size = (tag: string) => imageSize(svg(tag), "image/svg+xml");
  expect(size('<svg xmlns="x" width="640" height="320px">')).toEqual({ width: 640, height: 320 });
  expect(size('<svg viewBox="0 0 200,100">')).toEqual({ width: 200, height: 100 });
  expect(size('<svg width="100" viewBox="0 0 200 100">')).toEqual({ width: 100, height: 50 });
  expect(size('<svg width="100%" height="100%">')).toBeUndefined();
});

it("says nothing of what is no picture", () => {
  for (const mime of ["image/png", "image/svg+xml", "image/jpeg"]) {
    expect(imageSize(encodeUtf8("no picture at all, but long enough to be one"), mime)).toBeUndefined();
    expect(imageSize(new Uint8Array(0), mime)).toBeUndefined();
  }
  expect(
    imageSize(
      Uint8Array.from({ length: 60 }, () => 0xff),
      "image/jpeg",
    ),
  ).toBeUndefined();
});
