import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import { kindOfInfo, parseFence, parseInfo, printFence, rewriteInfo } from "#core/notebook/markdown/fence.ts";
import { parseNotebook } from "./parse.ts";
import { anyMarkdown } from "#core/notebook/markdown/markdown.arbitrary.ts";

// Properties take their time where other work goes on.
vi.setConfig({ testTimeout: 180_000 });

function cellsOf(markdown: string): (readonly [string, string])[] {
  return parseNotebook(markdown).cells.map((cell) => [
    cell.kind,
    cell.kind === "text" ? cell.printed : cell.source,
  ]);
}

it("[NB-1] puts the pieces together to the file", () => {
  fc.assert(
    fc.property(anyMarkdown, (markdown) => {
      const { cells, tail } = parseNotebook(markdown);
      expect(cells.map(({ gap, printed }) => gap + printed).join("") + tail).toBe(markdown);
      // Nothing but white space and separators is between cells.
      for (const { gap } of cells)
        expect(
          gap
            .replaceAll("<!-- cell -->", "")
            .replace(/^\uFEFF/, "")
            .trim(),
        ).toBe("");
    }),
    { numRuns: 200 },
  );
});

it("[NB-2] makes cells of shell, Python and WebAssembly blocks at the top level", () => {
  expect(
    cellsOf(
      "Hi\n\n```sh\nls\n```\nand\n\n~~~~ python3\nprint(1)\n~~~~\n\n```wasm\nsort.wasm < in.txt\n```\n",
    ),
  ).toEqual([
    ["text", "Hi"],
    ["sh", "ls"],
    ["text", "and"],
    ["python", "print(1)"],
    ["wasm", "sort.wasm < in.txt"],
  ]);
  for (const prose of [
    "```js\nx\n```",
    "    ```sh\n    ls\n    ```",
    "- a\n\n  ```sh\n  ls\n  ```",
    "> ```sh\n> ls\n> ```",
  ])
    expect(cellsOf(prose)).toEqual([["text", prose]]);
});

it("[NB-3] reads attributes as pairs or as Runme's JSON", () => {
  expect(parseNotebook('```sh {id=a-1 name="Build \\"it\\"" color=red}\n```').cells[0]).toMatchObject({
    id: "a-1",
    name: 'Build "it"',
  });
  expect(parseNotebook('```sh {"id":"01HX","name":"x y"}\n```').cells[0]).toMatchObject({
    id: "01HX",
    name: "x y",
  });
  expect(parseNotebook("```sh {id=a/b}\n```").cells[0]).not.toHaveProperty("id");
  expect([...parseInfo("sh {a='1 2' b=3}").attributes]).toEqual([
    ["a", "1 2"],
    ["b", "3"],
  ]);
});

it("[NB-3] keeps unknown attributes when the name or the kind changes", () => {
  expect(rewriteInfo("bash {id=a color=red}", "sh", "x y")).toBe('bash {id=a color=red name="x y"}');
  expect(rewriteInfo("bash {name=a}", "sh", undefined)).toBe("bash");
  expect(rewriteInfo("bash {id=a}", "python", undefined)).toBe("python {id=a}");
  expect(rewriteInfo("bash  {id=a}", "sh", undefined)).toBe("bash  {id=a}");
  expect(parseInfo(rewriteInfo("sh", "sh", 'a`"b"\\\nc')).attributes.get("name")).toBe('a\'"b"\\ c');
});

it("[NB-4] leaves what must not run to prose", () => {
  expect(kindOfInfo("sh {run=false}")).toBeUndefined();
  expect(cellsOf("```sh {run=false}\nrm\n```")).toEqual([["text", "```sh {run=false}\nrm\n```"]]);
  expect(kindOfInfo("constructor")).toBeUndefined();
});

it("[NB-5] parts prose at the separator", () => {
  expect(cellsOf("a\n\nb\n\n<!-- cell -->\n\nc")).toEqual([
    ["text", "a\n\nb"],
    ["text", "c"],
  ]);
});

it("[NB-6] reads the source without its last line break", () => {
  expect(cellsOf("```sh\n```\n```sh\n\n```\n```sh\na\n\n```\n```sh\nopen")).toEqual([
    ["sh", ""],
    ["sh", ""],
    ["sh", "a\n"],
    ["sh", "open"],
  ]);
  expect(parseFence("  ```sh\n  a\n    b\n c\n  ```")?.source).toBe("a\n  b\nc");
  expect(parseFence("````sh\n```\n````  ")).toMatchObject({ source: "```", closed: true });
  expect(parseFence("```sh\na")).toMatchObject({ source: "a", closed: false });
});

it("[NB-22] reads back the source that it prints, whatever it holds", () => {
  const line = fc.constantFrom("", "```", "````", "~~~", "  ```", "echo `x`", "a", " ");
  fc.assert(
    fc.property(
      fc.array(line).map((lines) => lines.join("\n")),
      fc.constantFrom("`" as const, "~" as const),
      (source, marker) => {
        const printed = printFence("sh", source, { marker, length: 3 });
        expect(parseNotebook(printed).cells).toMatchObject([{ kind: "sh", source, printed }]);
      },
    ),
  );
});
