import * as fc from "fast-check";
import { expect, it } from "vitest";
import { concatBytes, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { maxInputBytes } from "#core/room/limits.ts";
import { until } from "#test/harness/until.ts";
import { TakenInput, TypedInput } from "./typed-input.ts";

type Step =
  | { readonly kind: "type"; readonly length: number }
  | { readonly kind: "deliver" | "answer" | "cut" };

/** A line of two directions that loses what is under way when it is cut. */
class Line {
  readonly arrived: Uint8Array[] = [];
  readonly typed: TypedInput;
  readonly #taken = new TakenInput();
  #there: { at: number; bytes: Uint8Array }[] = [];
  #back: number[] = [];
  most = 0;

  constructor() {
    this.typed = new TypedInput((at, bytes) => {
      expect(bytes.length).toBeLessThanOrEqual(maxInputBytes);
      this.#there.push({ at, bytes });
      this.most = Math.max(this.most, this.#there.length);
    });
    this.typed.open();
  }

  async deliver(): Promise<void> {
    const piece = this.#there.shift();
    if (piece === undefined) return;
    await new Promise<void>((resolve) =>
      this.#taken.receive(
        "ben",
        { at: piece.at, size: piece.bytes.length },
        () => void this.arrived.push(piece.bytes),
        (next) => {
          this.#back.push(next);
          resolve();
        },
      ),
    );
  }

  answer(): void {
    const next = this.#back.shift();
    if (next !== undefined) this.typed.taken(next);
  }

  cut(): void {
    this.#there = [];
    this.#back = [];
    this.typed.pause();
    expect(this.typed.type(encodeUtf8("nobody reads this"))).toBe(false);
    this.typed.open();
  }

  async settle(): Promise<void> {
    while (this.#there.length > 0 || this.#back.length > 0) {
      await this.deliver();
      this.answer();
    }
  }
}

it("[ROOM-39] a long paste arrives in order, some pieces at a time", async () => {
  const line = new Line();
  const text = Array.from({ length: 20_000 }, (_, index) => index).join(" ");
  line.typed.type(encodeUtf8(text));
  await line.settle();
  expect(decodeUtf8Lossy(concatBytes(line.arrived))).toBe(text);
  expect(line.most).toBe(4);
});

it("[ROOM-40] what is typed arrives once and in order, wherever the line is cut", async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant("type" as const), length: fc.integer({ min: 1, max: 50_000 }) }),
    fc.record({ kind: fc.constantFrom("deliver" as const, "answer" as const, "cut" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const line = new Line();
      const typed: Uint8Array[] = [];
      for (const taken of steps)
        switch (taken.kind) {
          case "type": {
            const bytes = new Uint8Array(taken.length).fill(typed.length);
            typed.push(bytes);
            expect(line.typed.type(bytes)).toBe(true);
            break;
          }
          case "deliver":
            await line.deliver();
            break;
          case "answer":
            line.answer();
            break;
          case "cut":
            line.cut();
            break;
        }
      await line.settle();
      expect(Buffer.compare(concatBytes(line.arrived), concatBytes(typed))).toBe(0);
    }),
  );
});

it("[ROOM-40] what cannot arrive any more is counted", () => {
  const line = new Line();
  line.typed.type(new Uint8Array(100_000));
  expect(line.typed.close()).toBe(100_000);
  expect(line.typed.type(encodeUtf8("x"))).toBe(false);
});

it("[ROOM-39] whoever does not wait for answers fills no memory, and loses nothing that is sent again", async () => {
  const taken = new TakenInput();
  const size = 64 * 1024;
  let taking = 0;
  let release: (() => void) | undefined;
  const program = new Promise<void>((resolve) => (release = resolve));
  const answers: number[] = [];
  const send = (at: number): void =>
    taken.receive(
      "eve",
      { at, size },
      () => {
        taking += 1;
        return program;
      },
      (next) => answers.push(next),
    );
  for (let at = 0; at < 200; at++) send(at);
  expect(taking * size).toBe(4 * 1024 * 1024);
  release?.();
  await until("all are answered", () => answers.length === 200);
  send(taking);
  expect(taking).toBe(65);
});

it("[ROOM-39] what the terminal had no room for is sent again, once", () => {
  const sent: number[] = [];
  const typed = new TypedInput((at) => sent.push(at));
  typed.open();
  typed.type(new Uint8Array(2 * 16 * 1024));
  typed.taken(0);
  expect(sent).toEqual([0, 1]);
  typed.taken(0);
  expect(sent).toEqual([0, 1, 0, 1]);
  typed.taken(1);
  typed.taken(2);
  expect(typed.close()).toBe(0);
  expect(sent).toEqual([0, 1, 0, 1]);
});
