import { describe, expect, it } from "vitest";
import { meaningOf, type Key } from "./notebook-keys.ts";

const key = (name: string, modifiers: Partial<Key> = {}): Key => ({
  key: name,
  shift: false,
  mod: false,
  alt: false,
  ...modifiers,
});

describe("keys of a notebook", () => {
  it.each(["command", "edit"] as const)("runs in %s mode", (mode) => {
    expect(meaningOf(key("Enter", { shift: true }), mode).command).toBe("run-and-advance");
    expect(meaningOf(key("Enter", { mod: true }), mode).command).toBe("run");
    expect(meaningOf(key("Enter", { alt: true }), mode).command).toBe("run-and-insert");
  });

  it("leaves every other key to the editor, but for Escape", () => {
    for (const name of ["a", "b", "d", "m", "y", "j", "k", "ArrowUp", "Delete", "Enter"])
      expect(meaningOf(key(name), "edit")).toEqual({});
    expect(meaningOf(key("Escape"), "edit").command).toBe("to-command-mode");
  });

  it("deletes on the second d only", () => {
    const first = meaningOf(key("d"), "command");
    expect(first).toEqual({ pending: "d" });
    expect(meaningOf(key("d"), "command", first.pending)).toEqual({ command: "delete" });
    const between = meaningOf(key("j"), "command", first.pending);
    expect(meaningOf(key("d"), "command", between.pending)).toEqual({ pending: "d" });
  });

  it("copies, cuts and pastes whole cells", () => {
    expect(["c", "x", "v", "o"].map((name) => meaningOf(key(name), "command").command)).toEqual([
      "copy",
      "cut",
      "paste",
      "toggle-output",
    ]);
    expect(meaningOf(key("V", { shift: true }), "command").command).toBe("paste-above");
  });

  it("takes no key with a modifier that is the browser's", () => {
    for (const name of ["a", "b", "c", "d", "k", "j", "v", "x"])
      expect(meaningOf(key(name, { mod: true }), "command")).toEqual({});
  });
});
