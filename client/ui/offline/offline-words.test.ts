// What is kept in this browser, in words.

import { expect, it } from "vitest";
import type { OfflineState } from "./offline-model.ts";
import { isComplete, keptWords, missingBytes } from "./offline-words.ts";

const some: OfflineState = {
  app: true,
  linux: { kept: 23_000_000, total: 44_000_000 },
  files: { kept: 0, total: 0 },
  lasting: false,
};

it("says how much of what is here", () => {
  expect(keptWords(some, true)).toBe("This browser keeps: the app, the project, 23 of 44 MB of Linux.");
  expect(keptWords({ ...some, linux: { kept: 69_000, total: 44_000_000 } }, false)).toBe(
    "This browser keeps: the app, 69 kB of 44 MB of Linux.",
  );
  expect(keptWords({ ...some, files: { kept: 500, total: 2_000_000 } }, true)).toContain(
    "500 bytes of 2.0 MB of its files that are no text",
  );
  const nothing = { app: false, linux: undefined, files: { kept: 0, total: 0 }, lasting: false };
  expect(keptWords(nothing, false)).toBe("This browser keeps nothing yet.");
});

it("is complete only where everything is here", () => {
  expect(isComplete(some, true)).toBe(false);
  expect(missingBytes(some)).toBe(21_000_000);
  const all = { ...some, linux: { kept: 44_000_000, total: 44_000_000 } };
  expect(isComplete(all, true)).toBe(true);
  expect(isComplete(all, false)).toBe(false);
  expect(isComplete({ ...all, app: false }, true)).toBe(false);
  // Without the server nobody knows what there is.
  expect(isComplete({ ...all, linux: undefined }, true)).toBe(false);
});
