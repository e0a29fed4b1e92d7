// Shortcuts against the events of real keyboards.

import { expect, it } from "vitest";
import { isComposing, matchesKey } from "./keys.ts";

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

it("leaves the keys of an input method to it, also where the browser has ended the composition before", () => {
  const inside = press("Enter", "Enter", { isComposing: true, keyCode: 229 });
  const safari = press("Enter", "Enter", { isComposing: false, keyCode: 229 });
  const own = press("Enter", "Enter", { isComposing: false, keyCode: 13 });
  expect([inside, safari, own].map(isComposing)).toEqual([true, true, false]);
  expect([inside, safari, own].map((event) => matchesKey(event, "Enter"))).toEqual([false, false, true]);
});
