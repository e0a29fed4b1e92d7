// What may stand in a WebAssembly cell.

import { describe, expect, it } from "vitest";
import { parseCellSource } from "./cell-source.ts";

describe("a WebAssembly cell", () => {
  it("[WCELL-1] names a module and its arguments, as a shell quotes them", () => {
    expect(
      parseCellSource(`# what it does\n\nA=1 B='2 3' bin/tool.wasm a "b c" 'd "e"' f\\ g "" x#y # the end`),
    ).toEqual({
      kind: "command",
      env: { A: "1", B: "2 3" },
      argv: ["bin/tool.wasm", "a", "b c", 'd "e"', "f g", "", "x#y"],
      input: { kind: "typed" },
    });
  });

  it("[WCELL-6] says before the module which folders the program sees", () => {
    expect(parseCellSource("A=1 --dir data::/ --dir=out B=2 tool.wasm --dir x")).toMatchObject({
      argv: ["tool.wasm", "--dir", "x"],
      env: { A: "1", B: "2" },
      folders: [
        { path: "data", name: "/" },
        { path: "out", name: "out" },
      ],
    });
  });

  it("[WCELL-1] goes on behind a backslash at the end of a line", () => {
    expect(parseCellSource("tool.wasm a \\\n  b\n")).toMatchObject({ argv: ["tool.wasm", "a", "b"] });
  });

  it("[WCELL-1] keeps what stands together together", () => {
    expect(parseCellSource(`tool.wasm --name='a b'"c"d A=1`)).toMatchObject({
      argv: ["tool.wasm", "--name=a bcd", "A=1"],
      env: {},
    });
  });

  it("[WCELL-2] takes its input from a file or from the lines below", () => {
    expect(parseCellSource("tool.wasm cat < 'in put'")).toMatchObject({
      argv: ["tool.wasm", "cat"],
      input: { kind: "file", path: "in put" },
    });
    expect(parseCellSource("tool.wasm cat <<END\none\n # two\nEND\n\n# done")).toMatchObject({
      argv: ["tool.wasm", "cat"],
      input: { kind: "text", text: "one\n # two\n" },
    });
  });

  it("[WCELL-3] may be a module", () => {
    expect(parseCellSource(";; a comment\n (module)")).toEqual({ kind: "text-module", text: "(module)" });
    expect(parseCellSource("AGFzbQEA\nAAA=")).toEqual({
      kind: "binary-module",
      bytes: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    });
  });

  it.each([
    ["", "names no module"],
    ["# nothing", "names no module"],
    ["A=1", "names no module"],
    ["--dir data::/", "names no module"],
    ["--dir", "Behind --dir stands a folder"],
    ["--dir ::/ tool.wasm", "Behind --dir stands a folder"],
    ["--directory x tool.wasm", "but not --directory"],
    ["tool.wasm | cat", "knows no |"],
    ["tool.wasm > out", "knows no >"],
    ["tool.wasm & ", "knows no &"],
    ["tool.wasm 'a", "A ' is not closed"],
    ["tool.wasm <", "Nothing stands behind <"],
    ["tool.wasm <<END\none", "no line END"],
    ["tool.wasm\nother.wasm", "a second: other.wasm"],
    ["AGFzbQ!", "not valid base64"],
  ])("[WCELL-4] refuses %j", (source, words) => {
    expect(() => parseCellSource(source)).toThrow(words);
  });
});
