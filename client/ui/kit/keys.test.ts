// Shortcuts against the events of real keyboards.

import { expect, it } from "vitest";
import { matchesKey } from "./keys.ts";

/** What the event of a key has, with no modifier unless it is said. */
function press(key: string, code: string, modifiers: Partial<KeyboardEvent> = {}): KeyboardEvent {
  const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  return { key, code, ...none, ...modifiers } as KeyboardEvent;
}

it("takes Alt with a letter for what it is where the key types another sign", () => {
  expect(matchesKey(press("w", "KeyW", { altKey: true }), "Alt-W")).toBe(true);
  // A Mac's Option.
  expect(matchesKey(press("∑", "KeyW", { altKey: true }), "Alt-W")).toBe(true);
  expect(matchesKey(press("Dead", "KeyN", { altKey: true }), "Alt-N")).toBe(true);
  expect(matchesKey(press("∑", "KeyW"), "Alt-W")).toBe(false);
  // On a French keyboard the key in the place of W types Z, and says so.
  expect(matchesKey(press("z", "KeyW", { altKey: true }), "Alt-W")).toBe(false);
  expect(matchesKey(press("z", "KeyW", { altKey: true }), "Alt-Z")).toBe(true);
  expect(matchesKey(press("PageUp", "PageUp", { altKey: true }), "Alt-PageUp")).toBe(true);
});
