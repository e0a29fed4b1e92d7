// What xterm knows of a terminal and does not tell by its public interface: the only file that reads its insides.
// Fails loudly where a release of xterm has moved them; `screen-script.test.ts` runs on the installed one.

import type { IBufferCell } from "@xterm/xterm";

/** Colours and flags as xterm keeps them: see `Attributes`, `FgFlags` and `BgFlags` in its buffer/Constants.ts. */
export interface Attributes {
  readonly fg: number;
  readonly bg: number;
  readonly extended: {
    /** Underline style and colour. */
    readonly _ext: number;
    /** The hyperlink, 0 for none. */
    readonly urlId: number;
  };
}

/** Replacements of ASCII characters; undefined is ASCII itself. */
export type Charset = Readonly<Record<string, string>> | undefined;

export interface BufferState {
  readonly x: number;
  readonly y: number;
  readonly ybase: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Readonly<Record<number, boolean>>;
  readonly savedX: number;
  readonly savedY: number;
  readonly savedCurAttrData: Attributes;
  readonly savedCharset: Charset;
}

export interface XtermState {
  readonly normal: BufferState;
  readonly alternate: BufferState;
  readonly attributes: Attributes;
  /** Not 0 where the next character may join the one before it. */
  readonly joinState: number;
  readonly title: string;
  readonly iconName: string;
  readonly charset: Charset;
  readonly charsets: readonly Charset[];
  readonly shift: number;
  readonly cursorHidden: boolean;
  readonly cursorStyle: "block" | "underline" | "bar" | undefined;
  readonly cursorBlink: boolean | undefined;
  readonly blinkOption: boolean;
  readonly mouseEncoding: string;
  link(id: number): { readonly id?: string; readonly uri: string } | undefined;
}

/** What is used of xterm's object behind `Terminal`. */
interface Core {
  readonly _inputHandler: {
    readonly _curAttrData: Attributes;
    readonly _parser: { readonly precedingJoinState: number };
    readonly _windowTitle: string;
    readonly _iconName: string;
  };
  readonly _charsetService: {
    readonly charset: Charset;
    readonly glevel: number;
    readonly _charsets: readonly Charset[];
  };
  readonly _bufferService: { readonly buffers: { readonly normal: BufferState; readonly alt: BufferState } };
  readonly _oscLinkService: {
    getLinkData(id: number): { readonly id?: string; readonly uri: string } | undefined;
  };
  readonly coreService: {
    readonly isCursorHidden: boolean;
    readonly decPrivateModes: {
      readonly cursorStyle: XtermState["cursorStyle"];
      readonly cursorBlink: boolean | undefined;
    };
  };
  readonly coreMouseService: { readonly activeEncoding: string };
  readonly optionsService: { readonly rawOptions: { readonly cursorBlink: boolean } };
}

export function readXtermState(terminal: object): XtermState {
  const core = coreOf(terminal);
  const { normal, alt } = core._bufferService.buffers;
  const { decPrivateModes } = core.coreService;
  return {
    normal,
    alternate: alt,
    attributes: core._inputHandler._curAttrData,
    joinState: core._inputHandler._parser.precedingJoinState,
    title: core._inputHandler._windowTitle,
    iconName: core._inputHandler._iconName,
    charset: core._charsetService.charset,
    charsets: core._charsetService._charsets,
    shift: core._charsetService.glevel,
    cursorHidden: core.coreService.isCursorHidden,
    cursorStyle: decPrivateModes.cursorStyle,
    cursorBlink: decPrivateModes.cursorBlink,
    blinkOption: core.optionsService.rawOptions.cursorBlink,
    mouseEncoding: core.coreMouseService.activeEncoding,
    link: (id) => core._oscLinkService.getLinkData(id),
  };
}

/** A cell of xterm's buffer has them beside its public methods. */
export function attributesOf(cell: IBufferCell): Attributes {
  if (!isAttributes(cell)) throw new Error("invariant violation: a cell of xterm has other insides");
  return cell;
}

function coreOf(terminal: object): Core {
  const core: unknown = Reflect.get(terminal, "_core");
  const numbers = [
    "_inputHandler._parser.precedingJoinState",
    "_inputHandler._curAttrData.fg",
    "_charsetService.glevel",
    "_bufferService.buffers.normal.savedY",
    "_bufferService.buffers.normal.scrollTop",
    "_bufferService.buffers.alt.scrollBottom",
    "_bufferService.buffers.alt.savedX",
  ];
  const strings = [
    "_inputHandler._windowTitle",
    "_inputHandler._iconName",
    "coreMouseService.activeEncoding",
  ];
  const booleans = ["coreService.isCursorHidden", "optionsService.rawOptions.cursorBlink"];
  const objects = [
    "_charsetService._charsets",
    "coreService.decPrivateModes",
    "_bufferService.buffers.normal.tabs",
    "_bufferService.buffers.alt.savedCurAttrData",
    "_inputHandler._curAttrData.extended",
  ];
  const expected: readonly (readonly [readonly string[], string])[] = [
    [numbers, "number"],
    [strings, "string"],
    [booleans, "boolean"],
    [objects, "object"],
    [["_oscLinkService.getLinkData"], "function"],
  ];
  for (const [paths, type] of expected)
    for (const path of paths)
      if (typeof at(core, path) !== type)
        throw new Error(`invariant violation: xterm's ${path} is ${typeof at(core, path)}, not ${type}`);
  // Every part that is used was looked at just now.
  return core as Core;
}

function at(object: unknown, path: string): unknown {
  let value = object;
  for (const name of path.split("."))
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return value;
}

function isAttributes(value: object): value is Attributes {
  return (
    typeof Reflect.get(value, "fg") === "number" &&
    typeof Reflect.get(value, "bg") === "number" &&
    typeof Reflect.get(value, "extended") === "object"
  );
}
