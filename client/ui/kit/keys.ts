// Keyboard shortcuts as text: "Mod-Shift-P" is matched against events and shown the way the platform writes it.

// Also read outside a browser, by tests.
const mac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** "Mod-Enter" as "Ctrl+Enter", or "⌘↵" on a Mac. */
export function keyLabel(key: string): string {
  const parts = key.split("-");
  if (!mac) return parts.map((part) => (part === "Mod" ? "Ctrl" : part)).join("+");
  const symbols: Readonly<Record<string, string>> = {
    Mod: "⌘",
    Ctrl: "⌃",
    Shift: "⇧",
    Alt: "⌥",
    Enter: "↵",
    Esc: "⎋",
  };
  return parts.map((part) => symbols[part] ?? part).join("");
}

/** The key belongs to an input method: Enter and Escape end a composition, and do nothing else. */
export function isComposing(event: KeyboardEvent): boolean {
  // Safari ends the composition before it tells of the key that ended it; only the old code says whose the key was.
  return event.isComposing || event.keyCode === 229;
}

/** Whether the event is that key with exactly those modifiers. */
export function matchesKey(event: KeyboardEvent, key: string): boolean {
  const parts = key.split("-");
  const name = parts.pop() ?? "";
  const mod = parts.includes("Mod");
  const ctrl = parts.includes("Ctrl") || (mod && !mac);
  const meta = mod && mac;
  const pressed = event.key === "Escape" ? "Esc" : letterOf(event);
  return (
    !isComposing(event) &&
    pressed.toLowerCase() === name.toLowerCase() &&
    event.ctrlKey === ctrl &&
    event.metaKey === meta &&
    event.altKey === parts.includes("Alt") &&
    event.shiftKey === parts.includes("Shift")
  );
}

/** With Alt, a Mac's keys type other letters ("∑" for W): then the key's place on the keyboard counts. */
function letterOf({ key, code, altKey }: KeyboardEvent): string {
  const place = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  return altKey && place !== undefined && !/^[\x20-\x7e]$/.test(key) ? place : key;
}
