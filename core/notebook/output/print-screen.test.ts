import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { printDisplay } from "./display.ts";
import { replayScreen, showScreen } from "./print-screen.ts";
import { Screen } from "./screen.ts";

const size = { cols: 30, rows: 5 };
const e = "\x1b";

function screenOf(...pieces: readonly (string | Uint8Array)[]): Screen {
  const screen = new Screen(size);
  for (const piece of pieces) screen.write(piece);
  return screen;
}

const linesOf = (screen: Screen): unknown[] => screen.lines.map((line) => line.display ?? looks(line));

/** Letter by letter: how spans are cut is nobody's business. */
function looks(line: Screen["lines"][number]): unknown {
  return line.spans.flatMap(({ text, style }) =>
    Array.from(text, (letter) =>
      [letter, style.foreground, style.background, style.bold, style.link].join(" "),
    ),
  );
}

const display = printDisplay({ hash: "ab".repeat(32), size: 3, mime: "image/png", name: "a.png" });
const part = fc.constantFrom(
  "text",
  "漢字",
  "e\u0301",
  "\u0301",
  "👩‍💻",
  "─",
  "\r\n",
  "\r\n",
  "\n",
  "\r",
  "\b",
  "\t",
  display,
  ...[
    "A",
    "2A",
    "B",
    "3C",
    "2D",
    "5G",
    "H",
    "3;4H",
    "J",
    "1J",
    "2J",
    "3J",
    "K",
    "1K",
    "2K",
    "2P",
    "@",
    "X",
    "L",
    "M",
  ].map((end) => `${e}[${end}`),
  ...["31m", "1;44m", "38;5;99m", "38;2;1;2;3m", "m", "s", "u", "2;4r", "r", "S", "T", "3b", "I", "Z"].map(
    (end) => `${e}[${end}`,
  ),
  ...["?1049h", "?1049l", "?47h", "?47l"].map((end) => `${e}[${end}`),
  ...["7", "8", "M", "D", "E", "c", "(0", "(B", ")0"].map((end) => `${e}${end}`),
  "\x0e",
  "\x0f",
  `${e}]8;;http://x/\x07`,
  `${e}]8;;\x07`,
  `${e}]0;title\x07`,
  "q",
);

describe("[NB-55] who comes late goes on from where the screen is", () => {
  it("for any output and any cut", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), fc.nat(), (parts, place) => {
        const bytes = encodeUtf8(parts.join(""));
        const cut = place % (bytes.length + 1);
        const screen = screenOf(bytes.subarray(0, cut));
        const late = screenOf(replayScreen(screen, 1_000_000, 1_000_000));
        expect(linesOf(late)).toEqual(linesOf(screen));
        for (const each of [screen, late]) each.write(bytes.subarray(cut));
        expect(linesOf(late)).toEqual(linesOf(screen));
      }),
      { numRuns: 1_000 },
    );
  });

  // Found by the property above.
  it.each([
    ["a link that goes on under the alternate screen", `text${e}]8;;http://x/\x07${e}[?47ht`, "ext"],
    ["a mark that stands alone behind blanks", `text${e}[1K\u0301`, "text"],
    ["a mark that stands alone before the cursor", `a${e}[C\u0301`, "\u0301\u0301"],
  ])("%s", (_, before, after) => {
    const screen = screenOf(before);
    const late = screenOf(replayScreen(screen, 1_000_000, 1_000_000));
    expect(linesOf(late)).toEqual(linesOf(screen));
    for (const each of [screen, late]) each.write(after);
    expect(linesOf(late)).toEqual(linesOf(screen));
  });

  it("with its beginning and its end where it is long", () => {
    const screen = screenOf(Array.from({ length: 100 }, (_, index) => `line ${index}\r\n`).join(""));
    const late = screenOf(replayScreen(screen, 30, 60));
    expect(late.text).toMatch(/^line 0\nline 1\nline 2\n… 91 lines left out …\nline 94\n/);
    for (const each of [screen, late]) each.write(`${e}[3Achanged`);
    expect(late.text.split("\n").slice(-4)).toEqual(screen.text.split("\n").slice(-4));
  });
});

describe("[NB-56] what is stored is what is shown", () => {
  it("a progress bar is one line, however much it wrote", () => {
    const bar = Array.from({ length: 20_000 }, (_, index) => `\r ${index} xxxxxxxxxx`).join("");
    expect(showScreen(screenOf(bar), 8_192, 8_192)).toEqual({
      head: " 19999 xxxxxxxxxx",
      tail: "",
      lines: 0,
      omitted: 0,
    });
  });

  it("reads back as it was", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const screen = screenOf(parts.join(""));
        const { head, omitted } = showScreen(screen, 1_000_000, 0);
        expect(omitted).toBe(0);
        expect(linesOf(screenOf(head))).toEqual(linesOf(screen));
      }),
    );
  });

  it("leaves out whole lines, and colours do not run over", () => {
    const text = Array.from({ length: 50 }, (_, index) => `${e}[3${index % 8}mline ${index}`).join("\r\n");
    const { head, tail, lines, omitted } = showScreen(screenOf(text), 64, 56);
    expect(screenOf(head).text).toBe("line 0\nline 1\nline 2\nline 3");
    expect(screenOf(tail).text).toBe("line 47\nline 48\nline 49");
    expect(lines).toBe(43);
    expect(omitted).toBeGreaterThan(43 * 7);
  });

  it("of one long line it keeps both ends", () => {
    const { head, tail, lines, omitted } = showScreen(screenOf(`begin${"漢".repeat(1_000)}end`), 100, 100);
    expect([head.slice(0, 6), tail.slice(-4), lines]).toEqual(["begin漢", "漢end", 0]);
    expect(encodeUtf8(head).length).toBeLessThanOrEqual(100);
    expect(encodeUtf8(head + tail).length + omitted).toBe(3_008);
  });

  it("says what it dropped", () => {
    const screen = screenOf(Array.from({ length: 6_000 }, (_, index) => `${index}\n`).join(""));
    const { head, tail, lines } = showScreen(screen, 100, 100);
    expect(head).toBe("");
    expect(tail.endsWith("5999\n")).toBe(true);
    expect(lines + tail.split("\n").length).toBe(6_001);
  });
});
