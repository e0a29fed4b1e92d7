import { describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { errnoOf } from "#core/base/errno.ts";

import { displaysIn } from "#core/notebook/output/display.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { openFlag } from "#machine/fs/fs.ts";
import { GuestSide, ManualInterrupt } from "#test/harness/guest-side.ts";

import { TaskTable } from "./task-table.ts";

const blobs = new MemoryBlobStore();

/** Writes to the file as a program does, whose file offset moves with what it wrote. */
async function show(pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const guest = new GuestSide(new TaskTable({ blobs }).fs);
  const file = await guest.open("display", openFlag.readWrite);
  let offset = 0;
  for (const piece of pieces) {
    const data = typeof piece === "string" ? encodeUtf8(piece) : piece;
    offset += await file.write(offset, data, new ManualInterrupt());
  }
  let text = "";
  for (;;) {
    const data = await file.read(offset, 30, new ManualInterrupt());
    if (data.length === 0) return text;
    text += decodeUtf8Lossy(data);
    offset += data.length;
  }
}

describe("the file for what is displayed", () => {
  it("[DISPLAY-1] keeps the bytes and gives a mark", async () => {
    const [shown, ...others] = displaysIn(await show(["- plot 1.png\n", "abc", "def"]));
    expect(shown).toMatchObject({ mime: "image/png", name: "plot 1.png", size: 6 });
    expect(others).toEqual([]);
    if (shown !== undefined) expect(decodeUtf8Lossy(blobs.get(shown))).toBe("abcdef");
  });

  it.each([
    ["text/html x.png\nplain", "text/html"],
    ["- x\n<?xml version='1.0'?>\n<svg>", "image/svg+xml"],
    ["- x\n<!DOCTYPE html>", "text/html"],
    ["- t.CSV\na,b", "text/csv"],
    ["- x\njust words", "text/plain"],
    ["- x\n", "text/plain"],
  ])("[DISPLAY-1] tells what %j is", async (written, mime) => {
    expect(displaysIn(await show([written]))[0]?.mime).toBe(mime);
  });

  it("[DISPLAY-1] tells a picture by its first bytes", async () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff);
    expect(displaysIn(await show(["- \n", png]))[0]?.mime).toBe("image/png");
    expect(displaysIn(await show(["- \n", Uint8Array.of(0xff, 0xfe, 0)]))[0]?.mime).toBe(
      "application/octet-stream",
    );
  });

  it("[DISPLAY-1] refuses what has no first line, or a type that is none", async () => {
    for (const written of ["no end", "-\n", "nonsense x\n", ""])
      expect(await show([written]).then(() => "none", errnoOf)).toBe("EINVAL");
  });

  it("[DISPLAY-2] shows what is written to a task's display when it is closed", async () => {
    const table = new TaskTable({ blobs });
    const guest = new GuestSide(table.fs);
    let printed = "";
    const output = (_fd: 1 | 2, data: Uint8Array): void => void (printed += decodeUtf8Lossy(data));
    await table.spawn({ argv: ["cat"] }, { output });
    await guest.rewrite("1/display", "<svg/>");
    expect(displaysIn(printed)[0]).toMatchObject({ mime: "image/svg+xml", size: 6 });
  });
});
