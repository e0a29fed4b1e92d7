import headless from "@xterm/headless";
import type { IBuffer } from "@xterm/xterm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { printScreen } from "./screen-script.ts";
import { WholeSequences } from "./whole-sequences.ts";
import { attributesOf, readXtermState, type Attributes, type BufferState } from "./xterm-state.ts";

// The addon takes the whole memory of a Buffer for its table, also where Node's pool has others in it.
Buffer.poolSize = 0;
const { UnicodeGraphemesAddon } = await import("@xterm/addon-unicode-graphemes");
const { Terminal } = headless;
type Terminal = InstanceType<typeof Terminal>;

const size = { cols: 20, rows: 6 };

function terminal(): Terminal {
  const made = new Terminal({ ...size, allowProposedApi: true, scrollback: 30 });
  made.loadAddon(new UnicodeGraphemesAddon());
  return made;
}

function write(to: Terminal, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => to.write(data, resolve));
}

/** Everything of a terminal that anybody can ever see of it. */
function stateOf(of: Terminal): unknown {
  const state = readXtermState(of);
  const look = (attributes: Attributes): unknown[] => {
    const { fg, bg, extended } = attributes;
    const more = (bg & 0x10000000) !== 0;
    const underline = more && (fg & 0x10000000) !== 0 && ((extended._ext >> 26) & 7) !== 0;
    const link = more ? state.link(extended.urlId)?.uri : undefined;
    return [fg & ~0x10000000, bg & ~0x10000000, underline ? extended._ext : 0, link];
  };
  const rows = (buffer: IBuffer): unknown[] =>
    Array.from({ length: buffer.length }, (_, index) => {
      const line = buffer.getLine(index)!;
      const cells = Array.from({ length: of.cols }, (_unused, column) => {
        const cell = line.getCell(column)!;
        return [cell.getChars(), cell.getWidth(), ...look(attributesOf(cell))].join(" ");
      });
      return [line.isWrapped, ...cells];
    });
  const rest = (buffer: BufferState): unknown => ({
    margins: [buffer.scrollTop, buffer.scrollBottom],
    saved: [
      Math.min(buffer.savedX, of.cols - 1),
      Math.max(0, buffer.savedY - buffer.ybase),
      buffer.savedCurAttrData.fg,
      buffer.savedCurAttrData.bg,
      buffer.savedCharset,
    ],
    tabs: Object.entries(buffer.tabs)
      .filter(([column, set]) => set && Number(column) < of.cols)
      .map(([column]) => column),
  });
  const active = of.buffer.active;
  return {
    type: active.type,
    cursor: [active.cursorX, active.cursorY, active.baseY],
    normal: rows(of.buffer.normal),
    alternate: active.type === "alternate" ? rows(of.buffer.alternate) : [],
    beside: [rest(state.normal), active.type === "alternate" ? rest(state.alternate) : undefined],
    attributes: look(state.attributes),
    // Kind and width of the character before; the bits beside them say how it came there.
    joinState: [state.joinState === 0, (state.joinState >> 3) & 0xf, (state.joinState >> 1) & 3],
    titles: [state.title, state.iconName],
    charset: [state.charset, ...[0, 1, 2, 3].map((index) => state.charsets[index]), state.shift],
    modes: of.modes,
    cursorLook: [state.cursorHidden, state.cursorStyle, state.cursorBlink, state.blinkOption],
    mouse: state.mouseEncoding,
    convertEol: of.options.convertEol,
  };
}

/** Who comes late: gets the screen as it is at the cut, and from there on what comes. */
async function joinAt(bytes: Uint8Array, cut: number): Promise<[unknown, unknown, unknown, unknown]> {
  const owner = terminal();
  const watcher = terminal();
  const whole = new WholeSequences();
  await write(owner, whole.push(bytes.subarray(0, cut)));
  await write(watcher, printScreen(owner));
  const then = [stateOf(owner), stateOf(watcher)] as const;
  const rest = whole.push(bytes.subarray(cut));
  await write(owner, rest);
  await write(watcher, rest);
  return [...then, stateOf(owner), stateOf(watcher)];
}

async function expectSame(text: string, cut?: number): Promise<void> {
  const bytes = encodeUtf8(text);
  const cuts = cut === undefined ? Array.from({ length: bytes.length + 1 }, (_, index) => index) : [cut];
  for (const place of cuts) {
    const [owner, watcher, ownerLater, watcherLater] = await joinAt(bytes, place);
    expect(watcher).toEqual(owner);
    expect(watcherLater).toEqual(ownerLater);
  }
}

const e = "\x1b";

describe("[TERM-1] a late watcher's terminal is the owner's", () => {
  it.each([
    [
      "a header above a scroll region",
      `${e}[?1049h${e}[2J${e}[HHEADER${e}[3;5r${e}[3;1Hone\r\ntwo\r\nthree\r\nfour\r\n`,
    ],
    ["line drawing", `${e}(0lqk${e}(B x ${e})0\x0eqqq\x0fq${e}7${e}(A#${e}8#q`],
    ["a saved cursor with its attributes", `${e}[2;3H${e}[1;4:3;38;5;99m${e}7${e}[m${e}[5;1Hx${e}8y`],
    ["tab stops", `${e}[3g${e}[5G${e}H${e}[12G${e}H\r\ta\tb`],
    ["modes", `${e}[?1h${e}=${e}[?2004h${e}[?1002;1006h${e}[?1004h${e}[?25l${e}[5 q${e}[4h${e}[?7lxyz`],
    ["origin mode", `${e}[2;4r${e}[?6h${e}[2;2Hx${e}[9;9Hy`],
    ["both screens", `main${e}[31m${e}7${e}[?1049halt ${e}[3;3H${e}7${e}[?1049lback${e}8z`],
    ["colours and underlines", `${e}[4:3;58;2;1;2;3;38;2;9;8;7;48;5;200mx${e}[59;21my${e}[53;9;7mz${e}[m.`],
    ["links", `${e}]8;id=a;http://x/\x07one${e}]8;;\x07 two ${e}]8;;http://y/\x07three`],
    ["a full last column", `${"x".repeat(20)}y${e}[2;1H${"z".repeat(20)}`],
    ["wrapped and wide", `${"漢字".repeat(12)}${e}[2;2Hx${e}[44m${e}[K`],
    ["joined characters", `e\u0301 👩‍💻 🇩🇪🇫🇷 ❤\uFE0F a\u0301${e}[3D\u0301`],
    ["repeating", `ab${e}[3b漢${e}[2b`],
    ["scrollback", Array.from({ length: 15 }, (_, index) => `line ${index}\r\n`).join("")],
    ["a title", `${e}]2;name\x07x${e}]0;both\x07`],
    ["protected characters", `${e}[1"qkeep${e}[0"qgo${e}[?2K`],
    ["C1 controls", "\u009b31mx\u009d2;t\u009cy"],
  ])("%s, wherever it is cut", (_name, text) => expectSame(text));

  const text = fc.constantFrom(
    "a",
    "bc",
    "hello world ",
    "漢字",
    "e\u0301",
    "\u0301",
    "👩‍💻",
    "🇩🇪",
    "ß",
    "─",
    "q",
  );
  const number = fc.constantFrom("", "1", "2", "3", "5", "7", "20", "99");
  const sequence = fc.oneof(
    fc
      .tuple(number, fc.constantFrom(...Array.from("ABCDEFGIJKLMPSTXZ@`ade")))
      .map(([n, final]) => `${e}[${n}${final}`),
    fc.tuple(number, number).map(([row, column]) => `${e}[${row};${column}H`),
    fc.tuple(number, number).map(([top, bottom]) => `${e}[${top};${bottom}r`),
    fc
      .constantFrom(
        "0",
        "1",
        "2",
        "3",
        "4",
        "4:3",
        "7",
        "9",
        "22",
        "24",
        "31",
        "38;5;99",
        "48;2;1;2;3",
        "44",
        "49",
        "53",
      )
      .map((code) => `${e}[${code}m`),
    fc
      .tuple(
        fc.constantFrom("?1", "?6", "?7", "?25", "?45", "?2004", "?1049", "?47", "?1048", "4", "20"),
        fc.constantFrom("h", "l"),
      )
      .map(([mode, final]) => `${e}[${mode}${final}`),
    fc.constantFrom(
      "\r",
      "\n",
      "\r\n",
      "\b",
      "\t",
      "\x0e",
      "\x0f",
      `${e}7`,
      `${e}8`,
      `${e}M`,
      `${e}D`,
      `${e}E`,
    ),
    fc.constantFrom(
      `${e}(0`,
      `${e}(B`,
      `${e})0`,
      `${e}(A`,
      `${e}H`,
      `${e}[3g`,
      `${e}[!p`,
      `${e}c`,
      `${e}#8`,
      `${e}[2b`,
    ),
    fc.constantFrom(`${e}]8;;http://x/\x07`, `${e}]8;;\x07`, `${e}]2;t\x07`, `${e}P1$r0m${e}\\`, `${e}[3 q`),
  );

  it("for any sequences and any cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(text, sequence), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        async (parts, place) => {
          const whole = parts.join("");
          await expectSame(whole, place % (encodeUtf8(whole).length + 1));
        },
      ),
      { numRuns: 200 },
    );
  });
});

it("[TERM-2] what is given on is whole, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 }), (pieces) => {
      const whole = new WholeSequences();
      const given = pieces.map((piece) => whole.push(piece));
      expect(concatBytes([...given, whole.flush()])).toEqual(concatBytes(pieces));
    }),
  );
});
