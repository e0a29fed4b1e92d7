import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { errnoOf, FsError } from "#core/base/errno.ts";
import { readDirectory, readMessage, readTag, writeDirectory, writeMessage } from "./codec.ts";
import { type FieldType, type Kind, layouts, type Message } from "./messages.ts";

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const u64 = fc.maxSafeNat();
const i64 = fc.maxSafeInteger();
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const qid = fc.record({ type: u8, version: u32, path: u64 });
const fields: { readonly [T in FieldType]: fc.Arbitrary<unknown> } = {
  u8,
  u16,
  u32,
  u64,
  i64,
  string: text,
  data: fc.uint8Array({ maxLength: 300 }),
  strings: fc.array(text, { maxLength: 17 }),
  qid,
  qids: fc.array(qid, { maxLength: 16 }),
};

const message: fc.Arbitrary<Message> = fc.oneof(
  ...Object.entries(layouts).map(([kind, layout]) =>
    fc.record({
      kind: fc.constant(kind as Kind),
      tag: u16,
      ...Object.fromEntries(Object.entries(layout.fields).map(([name, type]) => [name, fields[type]])),
    }),
  ),
) as fc.Arbitrary<Message>;

function codeOf(action: () => unknown): string {
  try {
    action();
    return "ok";
  } catch (thrown) {
    if (!(thrown instanceof FsError)) throw thrown;
    return errnoOf(thrown);
  }
}

describe("9P frames", () => {
  it("[P9-1] every message survives writing and reading", () => {
    fc.assert(
      fc.property(message, (written) => {
        const frame = writeMessage(written);
        expect(readTag(frame)).toBe(written.tag);
        expect(readMessage(frame)).toEqual(written);
      }),
      { numRuns: 500 },
    );
  });

  it("[P9-1] a Twalk has the bytes that Linux writes", () => {
    const frame = writeMessage({ kind: "Twalk", tag: 0x102, fid: 1, newFid: 2, names: ["é", "b"] });
    expect([...frame]).toEqual([
      24, 0, 0, 0, 110, 2, 1, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 2, 0, 0xc3, 0xa9, 1, 0, 98,
    ]);
  });

  it("[P9-2] any other bytes are refused with an errno, never with a crash", () => {
    fc.assert(
      fc.property(message, fc.nat(40), u8, fc.nat(400), (written, at, value, length) => {
        const frame = writeMessage(written).slice();
        frame[at % frame.length] = value;
        expect(["ok", "EPROTO", "EOPNOTSUPP", "EILSEQ"]).toContain(codeOf(() => readMessage(frame)));
        expect(["ok", "EPROTO", "EOPNOTSUPP", "EILSEQ"]).toContain(
          codeOf(() => readMessage(frame.subarray(0, length))),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("[P9-2] names are UTF-8 or an error", () => {
    const frame = writeMessage({ kind: "Tmkdir", tag: 1, fid: 1, name: "ab", mode: 0, gid: 0 }).slice();
    frame[frame.indexOf(97)] = 0xff;
    expect(codeOf(() => readMessage(frame))).toBe("EILSEQ");
  });

  it("[P9-2] says what is wrong with a frame", () => {
    const frame = writeMessage({ kind: "Tclunk", tag: 7, fid: 1 });
    const longer = new Uint8Array([...frame, 0]);
    expect(codeOf(() => readMessage(longer))).toBe("EPROTO");
    longer[0] = longer.length;
    expect(codeOf(() => readMessage(longer))).toBe("EPROTO");
    expect(codeOf(() => readMessage(new Uint8Array([7, 0, 0, 0, 99, 1, 0])))).toBe("EOPNOTSUPP");
    expect(readTag(new Uint8Array(6))).toBeUndefined();
  });

  it("[P9-15] directory entries survive, as many as fit", () => {
    const record = fc.record({ qid, offset: u64, type: u8, name: text });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), fc.nat(2000), (records, limit) => {
        const { data, written } = writeDirectory(records, limit);
        expect(data.length).toBeLessThanOrEqual(limit);
        expect(readDirectory(data)).toEqual(records.slice(0, written));
        const next = records[written];
        if (next !== undefined)
          expect(data.length + 24 + encodeUtf8(next.name).length).toBeGreaterThan(limit);
      }),
    );
  });
});
