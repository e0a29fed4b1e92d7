// xterm's colours and font, from the page's tokens, and followed when the person switches light and dark.

import { effect } from "@preact/signals";
import type { ITerminalOptions, ITheme, Terminal } from "@xterm/xterm";
import type { Disposer } from "#core/base/disposable.ts";
import { theme, token } from "#ui/kit/theme.ts";

const ansiNames = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
  "brightBlack",
  "brightRed",
  "brightGreen",
  "brightYellow",
  "brightBlue",
  "brightMagenta",
  "brightCyan",
  "brightWhite",
] as const satisfies readonly (keyof ITheme)[];

function terminalTheme(): ITheme {
  const colours: ITheme = {
    background: token("sunken"),
    foreground: token("ink"),
    cursor: token("accent"),
    cursorAccent: token("sunken"),
    selectionBackground: token("editor-selection"),
    scrollbarSliderBackground: token("line"),
    scrollbarSliderHoverBackground: token("line-strong"),
    scrollbarSliderActiveBackground: token("line-strong"),
  };
  for (const [index, name] of ansiNames.entries()) colours[name] = token(`ansi-${index}`);
  return colours;
}

/** The options that every terminal shares: one face, 13 on 20, no blinking. */
export function terminalOptions(): ITerminalOptions {
  return {
    allowProposedApi: true, // unicode-graphemes needs it
    cursorBlink: false,
    fontFamily: token("font-mono"),
    fontSize: 13,
    lineHeight: 1.15,
    minimumContrastRatio: 4.5,
    scrollback: 5_000,
    theme: terminalTheme(),
  };
}

/** Keeps the terminal in the page's colours. */
export function followTheme(terminal: Terminal): Disposer {
  return effect(() => {
    // Read for its subscription: the tokens change with it. Its own effect, which sets them, ran before this one.
    void theme.value;
    terminal.options.theme = terminalTheme();
  });
}
