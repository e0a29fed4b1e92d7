// The lines of a cell's output against a real terminal's: what fits into its width is the same.

import headless from "@xterm/headless";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Screen } from "#core/notebook/output/screen.ts";

// The addon takes the whole memory of a Buffer for its table, also where Node's pool has others in it.
Buffer.poolSize = 0;
const { UnicodeGraphemesAddon } = await import("@xterm/addon-unicode-graphemes");

const size = { cols: 300, rows: 6 };
const e = "\x1b";

async function terminalLines(text: string): Promise<readonly string[]> {
  const terminal = new headless.Terminal({
    ...size,
    allowProposedApi: true,
    convertEol: true,
    scrollback: 500,
  });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const buffer = terminal.buffer.active;
  const lines: string[] = [];
  for (let row = 0; row < buffer.length; row++) {
    let line = "";
    for (let column = 0; column < size.cols; column++) {
      const cell = buffer.getLine(row)?.getCell(column);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const colour = cell.isFgDefault() ? "" : `<${cell.getFgColor().toString(16)}>`;
      const background = cell.isBgDefault() ? "" : `{${cell.getBgColor().toString(16)}}`;
      const letter = cell.getChars();
      line += letter.trim() === "" ? " " : `${colour}${background}${letter}${cell.isBold() > 0 ? "*" : ""}`;
    }
    lines.push(line.trimEnd());
  }
  return trimmed(lines);
}

function screenLines(text: string): readonly string[] {
  const screen = new Screen(size);
  screen.write(text);
  const number = (colour: number | string): string =>
    typeof colour === "number" ? colour.toString(16) : Number.parseInt(colour.slice(1), 16).toString(16);
  return trimmed(
    screen.lines.map((line) =>
      line.spans
        .flatMap(({ text: piece, style }) =>
          Array.from(new Intl.Segmenter().segment(piece), ({ segment }) => {
            const colour = style.foreground === undefined ? "" : `<${number(style.foreground)}>`;
            const background = style.background === undefined ? "" : `{${number(style.background)}}`;
            return segment === " " ? " " : `${colour}${background}${segment}${style.bold ? "*" : ""}`;
          }),
        )
        .join("")
        .trimEnd(),
    ),
  );
}

function trimmed(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}

const cases = {
  "a wide character is erased whole": `漢字漢${e}[2D${e}[Kz`,
  "half a wide character is a blank": `漢字${e}[2Gx`,
  "a bar of tqdm": ` 10%|█         | 1/10\r 50%|█████     | 5/10\r100%|██████████| 10/10\n`,
  "two bars of tqdm": `a: 0\n\rb: 0${e}[A\ra: 50${e}[B\rb: 10\n`,
  pip: `Collecting x\n${e}[?25l   ${e}[90m━━━━${e}[0m 1/2\r${e}[2K   ${e}[32m━━━━━━━━${e}[0m 2/2\n${e}[?25hdone\n`,
  "a progress line below a scroll region": `one\n${e}7${e}[0;5r${e}8${e}[1A${e}7${e}[6;0f${e}[42m[50%]${e}[0m${e}8\n2\n3\n4\n5\n6\n7\n${e}7${e}[0;6r${e}8`,
  "layers of a container": `a: x\nb: x\nc: x\n${e}[3A${e}[2K\ra: done${e}[3B\r${e}[1A${e}[2Kc: done${e}[1B\r`,
  tabs: "a\tb\t漢\tc\n\tx",
  "a column": `abc${e}[10Gd${e}[2Ge`,
  "line drawing": `${e}(0lqqk${e}(B\n${e})0\x0ex\x0fx`,
  "joined characters": "e\u0301 👩‍💻 ❤\uFE0F 🇩🇪 1",
  "another screen": `before\n${e}[?1049h${e}[Hfull${e}[?1049lafter`,
};

it.each(Object.entries(cases))("%s", async (_name, text) => {
  expect(screenLines(text)).toEqual(await terminalLines(text));
});

it("any of what progress displays do", async () => {
  const number = fc.constantFrom("", "1", "2", "3", "4", "9");
  const part = fc.oneof(
    fc.constantFrom("text", "12345678", "漢字", "e\u0301", "👩‍💻", "█", " ", "\n", "\n", "\r", "\b", "\t"),
    fc
      .tuple(number, fc.constantFrom(...Array.from("ABCDEFGKXP@LMSTdI")))
      .map(([n, final]) => `${e}[${n}${final}`),
    fc
      .constantFrom("J", "1J", "2J", "2K", "1K", "s", "u", "2;4r", "r", "H", "2;3H", "2b")
      .map((end) => `${e}[${end}`),
    fc
      .constantFrom("0m", "1m", "31m", "44m", "38;5;99m", "48;2;1;2;3m", "22m", "39;49m")
      .map((end) => `${e}[${end}`),
    fc.constantFrom(`${e}7`, `${e}8`, `${e}M`, `${e}[?1049h`, `${e}[?1049l`, `${e}]0;t\x07`, `${e}[?25l`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
      const text = parts.join("");
      expect(screenLines(text)).toEqual(await terminalLines(text));
    }),
    { numRuns: 1_000 },
  );
});
