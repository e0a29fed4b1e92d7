// Values of a call through memory, and memory that no writer wrote.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FsError } from "#core/base/errno.ts";
import { readValue, type Value, writeValue } from "./values.ts";

const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(undefined),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.string({ minLength: 1 }), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("values", () => {
  it("[CALL-2] are read as they were written", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const memory = new Uint8Array(new SharedArrayBuffer(65_536));
        const length = writeValue(memory, value);
        expect(readValue(memory.subarray(0, length))).toEqual(value);
      }),
    );
  });

  it("[CALL-2] that do not fit are refused", () => {
    expect(() => writeValue(new Uint8Array(16), "x".repeat(17))).toThrow(FsError);
  });

  it("[CALL-2] what no writer wrote is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readValue(bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(FsError);
        }
      }),
    );
  });
});
