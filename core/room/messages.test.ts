import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAwareness, writeAwareness } from "./awareness.ts";
import { closeReason, isFinal } from "./close.ts";
import { parseClientFrame, parseRoomFrame, type ClientFrame } from "./frames.ts";
import {
  cutMessage,
  readMessage,
  writeAwarenessMessage,
  writeDenied,
  writeFrame,
  writeQueryAwareness,
  writeStep1,
  writeStep2,
  writeUpdate,
} from "./messages.ts";
import { admitPerson, cleanName, personId } from "./person.ts";
import { palette } from "./palette.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

describe("messages", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(bytes, (content) => {
        expect(readMessage(writeStep1(content))).toEqual({ kind: "step1", stateVector: content });
        expect(readMessage(writeStep2(content))).toEqual({ kind: "step2", update: content });
        expect(readMessage(writeUpdate(content))).toEqual({ kind: "update", update: content });
        expect(readMessage(writeAwarenessMessage(content))).toEqual({
          kind: "awareness",
          update: content,
        });
        const frame: ClientFrame = { type: "data", channel: "c" };
        expect(readMessage(writeFrame(frame, content))).toEqual({
          kind: "frame",
          json: JSON.stringify(frame),
          bytes: content,
        });
      }),
    );
    expect(readMessage(writeQueryAwareness())).toEqual({ kind: "query-awareness" });
    expect(readMessage(writeDenied("no ✗"))).toEqual({ kind: "denied", reason: "no ✗" });
  });

  it("[ROOM-9] are read or refused, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (content) => {
        try {
          readMessage(content);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("[ROOM-15] cut into parts are the same when put together", () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 50 }), (content, size) => {
        const message = writeUpdate(content);
        const parts = cutMessage(message, size);
        if (message.length <= size) {
          expect(parts).toEqual([message]);
          return;
        }
        const whole: number[] = [];
        for (const [index, part] of parts.entries()) {
          const read = readMessage(part);
          if (read.kind !== "frame") throw new Error("no frame");
          const frame = parseClientFrame(read.json);
          expect(frame).toEqual({ type: "part", last: index === parts.length - 1 });
          whole.push(...read.bytes);
        }
        expect(Uint8Array.from(whole)).toEqual(message);
      }),
    );
  });
});

describe("awareness", () => {
  it("comes back as it was written", () => {
    const entry = fc.record({ client: fc.nat(), clock: fc.nat(), state: fc.string() });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(readAwareness(writeAwareness(entries))).toEqual(entries);
      }),
    );
  });

  it("[ROOM-9] does not allocate for what is only promised", () => {
    expect(() => readAwareness(new Uint8Array([255, 255, 255, 255, 15]))).toThrow("states");
  });
});

describe("frames", () => {
  it("[ROOM-17] are taken only as they are defined", () => {
    expect(
      parseClientFrame('{"type":"publish","channel":"a:b-1","title":"T","kind":"run","more":1}'),
    ).toEqual({ type: "publish", channel: "a:b-1", title: "T", kind: "run" });
    for (const bad of [
      "{",
      "null",
      '{"type":"saved","id":1}',
      '{"type":"watch"}',
      '{"type":"watch","channel":""}',
      '{"type":"watch","channel":"a b"}',
      `{"type":"watch","channel":"${"x".repeat(65)}"}`,
      '{"type":"mark","id":-1}',
      '{"type":"mark","id":1e300}',
      '{"type":"publish","channel":"c","title":"T","kind":"run","cols":0}',
    ])
      expect(() => parseClientFrame(bad), bad).toThrow();
  });

  it("of a newer room are passed over", () => {
    expect(parseRoomFrame('{"type":"weather","sunny":true}')).toBeUndefined();
    expect(parseRoomFrame('{"type":"saved","id":3}')).toEqual({ type: "saved", id: 3 });
  });
});

describe("people", () => {
  const claim = { key: null, name: null, color: null, fallbackKey: "connection-1" };

  it("[ROOM-2] have an id that only the key's holder can have", () => {
    const ana = admitPerson({ ...claim, key: "ana-secret-key", name: "Ana", color: palette[3] });
    expect(ana).toEqual({ id: personId("ana-secret-key"), name: "Ana", color: palette[3] });
    expect(ana.id).not.toContain("ana");
    // Knowing the public id does not make one that person.
    expect(admitPerson({ ...claim, key: ana.id }).id).not.toBe(ana.id);
  });

  it("[ROOM-2] have a clean name, and a colour of the palette", () => {
    expect(cleanName("  A\u202Ena \n the\u0000 Great ")).toBe("Ana the Great");
    expect(cleanName("x".repeat(500))).toBe("x".repeat(40));
    expect(admitPerson({ ...claim, name: "\u200B" }).name).toMatch(/^Guest /);
    expect(palette).toContain(admitPerson({ ...claim, color: "red;evil" }).color);
    expect(admitPerson({ ...claim, key: "x" }).id).toBe(admitPerson(claim).id);
  });
});

describe("closing", () => {
  it("[ROOM-3] is final in 44xx, and its sentence fits", () => {
    expect([4400, 4401, 4404, 4499].every(isFinal)).toBe(true);
    expect([1000, 1006, 4503, 4529].some(isFinal)).toBe(false);
    expect(new TextEncoder().encode(closeReason("ü".repeat(200))).length).toBeLessThanOrEqual(123);
  });
});
