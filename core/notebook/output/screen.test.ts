import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { printDisplay } from "#core/notebook/output/display.ts";
import { Screen } from "./screen.ts";
import { plainStyle } from "./style.ts";

function screenOf(...pieces: readonly (string | Uint8Array)[]): Screen {
  const screen = new Screen({ cols: 80, rows: 24 });
  for (const piece of pieces) screen.write(piece);
  return screen;
}

const lines = (screen: Screen): string[] => screen.lines.map((line) => line.text);

describe("text", () => {
  it("ends lines at \\n with and without \\r", () => {
    expect(lines(screenOf("one\r\ntwo\nthree"))).toEqual(["one", "two", "three"]);
  });

  it("joins a character that comes in two pieces", () => {
    const bytes = encodeUtf8("naïve 🐚\n");
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(screenOf(bytes.subarray(0, cut), bytes.subarray(cut)).text).toBe("naïve 🐚");
  });

  it("keeps tabs on their stops", () => {
    expect(lines(screenOf("a\tb\tc"))).toEqual(["a       b       c"]);
  });

  it("counts what it drops when a program talks for ever", () => {
    const screen = screenOf("line\n".repeat(6_000));
    expect(screen.lines.length).toBe(5_000);
    expect(screen.dropped).toBe(6_001 - 5_000);
  });
});

describe("progress bars", () => {
  it("writes over the line after \\r, and keeps what was longer", () => {
    expect(lines(screenOf("progress 10%\rprogress 100%"))).toEqual(["progress 100%"]);
    expect(lines(screenOf("long text\rshort"))).toEqual(["shorttext"]);
    expect(lines(screenOf("long text\rshort\x1b[K"))).toEqual(["short"]);
  });

  it("moves back over \\b", () => {
    expect(lines(screenOf("|\b/\b-"))).toEqual(["-"]);
  });

  it("redraws a block after moving the cursor up", () => {
    const screen = screenOf("a: 0%\nb: 0%\n", "\x1b[2Aa: 50%\x1b[K\nb: 10%\x1b[K\n", "\x1b[2A\x1b[Jdone\n");
    expect(screen.text).toBe("done");
  });

  it("clears as `clear` does", () => {
    expect(lines(screenOf("old\nolder\n", "\x1b[H\x1b[2J\x1b[3J", "new"))).toEqual(["new"]);
  });
});

describe("colours", () => {
  it("reads the 16, the 256 and the true ones", () => {
    const screen = screenOf(
      "\x1b[1;31mred\x1b[0m \x1b[38;5;208morange\x1b[m \x1b[48;2;1;2;3mbox\x1b[49m\x1b[96mcyan",
    );
    const spans = screen.lines[0]!.spans;
    expect(spans.map((span) => span.text)).toEqual(["red", " ", "orange", " ", "box", "cyan"]);
    expect(spans[0]!.style).toMatchObject({ foreground: 1, bold: true });
    expect(spans[1]!.style).toEqual(plainStyle);
    expect(spans[2]!.style).toMatchObject({ foreground: 208, bold: false });
    expect(spans[4]!.style).toMatchObject({ background: "#010203" });
    expect(spans[5]!.style).toMatchObject({ foreground: 14, background: undefined });
  });

  it("reads the colon form", () => {
    expect(screenOf("\x1b[38:2::255:0:16mx").lines[0]!.spans[0]!.style.foreground).toBe("#ff0010");
    expect(screenOf("\x1b[38:5:9mx").lines[0]!.spans[0]!.style.foreground).toBe(9);
  });
});

describe("escape sequences", () => {
  it("shows none of what it does not know", () => {
    expect(
      screenOf("\x1b[?2004h\x1b]0;title\x07\x1b(B\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\\x1b[?25l!").text,
    ).toBe("link!");
  });

  it("understands a sequence however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            "text",
            "\r\n",
            "\r",
            "\b",
            "\x1b[31m",
            "\x1b[0m",
            "\x1b[2K",
            "\x1b[A",
            "\x1b[3C",
            "\x1b]0;t\x07",
            "\x1b[J",
            "\x1b[2P",
            "\x1b[@",
            "ä🐚",
          ),
          { maxLength: 30 },
        ),
        fc.array(fc.nat(200), { maxLength: 6 }),
        (parts, cuts) => {
          const bytes = encodeUtf8(parts.join(""));
          const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
          const pieces: Uint8Array[] = [];
          let from = 0;
          for (const place of places) {
            pieces.push(bytes.subarray(from, place));
            from = place;
          }
          const whole = screenOf(bytes);
          const cut = screenOf(...pieces);
          expect(cut.lines.map((line) => line.spans)).toEqual(whole.lines.map((line) => line.spans));
        },
      ),
    );
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (pieces) => {
        const screen = screenOf(...pieces, "\x1b\\\x18\r\nend\n");
        expect(screen.lines.length).toBeGreaterThan(0);
      }),
    );
  });

  it("gives up on a sequence that never ends", () => {
    const screen = screenOf(`\x1b]0;${"x".repeat(5_000)}`, "visible");
    expect(screen.text).toContain("visible");
  });
});

describe("displays", () => {
  const item = { hash: "ab".repeat(32), size: 3, mime: "image/png", name: "chart 1.png" };
  const shown = (screen: Screen): (string | undefined)[] =>
    screen.lines.map(({ display, text }) => (display === undefined ? text : `<${display.name}>`));

  it("[NB-60] stand on lines of their own, where they come", () => {
    const marker = printDisplay(item);
    expect(shown(screenOf(`before\r\n${marker}\r\nafter\r\n`))).toEqual([
      "before",
      "<chart 1.png>",
      "after",
      "",
    ]);
    expect(shown(screenOf(`no end${marker}more`))).toEqual(["no end", "<chart 1.png>", "more"]);
    expect(shown(screenOf(`${marker}${marker}`))).toEqual(["<chart 1.png>", "<chart 1.png>"]);
  });

  it("[NB-60] come in any pieces", () => {
    const bytes = encodeUtf8(`a${printDisplay(item)}b`);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(shown(screenOf(bytes.subarray(0, cut), bytes.subarray(cut)))).toEqual([
        "a",
        "<chart 1.png>",
        "b",
      ]);
  });

  it("[NB-63] are their name as text", () => {
    expect(screenOf(`x\n${printDisplay(item)}\ny`).text).toBe("x\n[chart 1.png]\ny");
  });

  it("are not written over, but cleared with the screen", () => {
    const marker = printDisplay(item);
    expect(shown(screenOf(`${marker}\rtext\u001B[2K`))).toEqual(["<chart 1.png>", ""]);
    expect(shown(screenOf(`a\n${marker}\n\u001B[H\u001B[2Jfresh`))[0]).toBe("fresh");
    expect(shown(screenOf(`a\n${marker}\n\u001B[H\u001B[2Jfresh`))).not.toContain("<chart 1.png>");
    // A number that is shown again and again: the picture before goes.
    expect(shown(screenOf(`${marker}\n\u001B[1A\u001B[J${marker}\n`))).toEqual(["<chart 1.png>", ""]);
  });
});
