// A colleague's terminal, live and read-only, drawn at its owner's size and scaled to fit.

import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { Terminal } from "@xterm/xterm";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { DisposerStack, type Disposer } from "#core/base/disposable.ts";
import type { TerminalRelay } from "./relay.ts";
import { obeySizeFrames } from "./size-frame.ts";
import { followTheme, terminalOptions } from "./theme.ts";

/** `offline`: it is offered, but the line to the room is down. */
export type Typing = "closed" | "open" | "offline";

export interface WatchEvents {
  /** Its owner closes it or leaves, or is back. */
  readonly onOpen: (open: boolean) => void;
  /** Whether what is typed here arrives. */
  readonly onTyping: (typing: Typing) => void;
  /** So many characters that were typed will not arrive. */
  readonly onLost: (count: number) => void;
  /** What one may do here allows typing where it is offered. */
  readonly canType: boolean;
}

/** Shows the channel inside `parent` until it is disposed. */
export function watchTerminal(
  parent: HTMLElement,
  relay: Pick<TerminalRelay, "watch" | "input">,
  channel: string,
  { onOpen, onTyping, onLost, canType }: WatchEvents,
): Disposer {
  const disposers = new DisposerStack();
  const element = document.createElement("div");
  element.className = "terminal-watched";
  parent.append(element);
  disposers.add(() => element.remove());

  const terminal = new Terminal({ ...terminalOptions(), disableStdin: true, cursorInactiveStyle: "outline" });
  disposers.add(() => terminal.dispose());
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.open(element);
  disposers.add(followTheme(terminal));
  // Keys are the page's here: Tab moves on, F6 leaves. Where one may type, all but F6 are the terminal's.
  terminal.attachCustomKeyEventHandler(
    (event) => terminal.options.disableStdin !== true && event.key !== "F6",
  );
  answerNothing(terminal);
  const type = (bytes: Uint8Array): void => {
    if (!relay.input(channel, bytes)) onLost(bytes.length);
  };
  terminal.onData((text) => type(encodeUtf8(text)));
  terminal.onBinary((text) => type(Uint8Array.from(text, (character) => character.charCodeAt(0))));

  const scale = (): void => {
    const screen = element.querySelector<HTMLElement>(".xterm-screen");
    if (screen === null || screen.offsetWidth === 0) return;
    const factor = Math.min(
      1,
      parent.clientWidth / screen.offsetWidth,
      parent.clientHeight / screen.offsetHeight,
    );
    element.style.width = `${screen.offsetWidth}px`;
    element.style.height = `${screen.offsetHeight}px`;
    element.style.transform = `scale(${factor})`;
  };
  const observer = new ResizeObserver(scale);
  observer.observe(parent);
  // xterm changes the size of its screen some time after it was told to.
  const screen = element.querySelector(".xterm-screen");
  if (screen !== null) observer.observe(screen);
  disposers.add(() => observer.disconnect());

  disposers.add(obeySizeFrames(terminal));

  let offered = false;
  let connected = true;
  const tell = (): void => {
    terminal.options.disableStdin = !(offered && connected && canType);
    onTyping(!offered || !canType ? "closed" : connected ? "open" : "offline");
  };
  disposers.add(
    relay.watch(channel, {
      snapshot: (data) => {
        // A reset among the bytes keeps its place behind what xterm has not drawn yet; terminal.reset() would not.
        terminal.write("\x1bc");
        terminal.write(data);
        onOpen(true);
      },
      data: (data) => terminal.write(data),
      closed: () => {
        offered = false;
        tell();
        onOpen(false);
      },
      offered: (now) => {
        offered = now;
        tell();
      },
      connected: (now) => {
        connected = now;
        tell();
      },
      lost: onLost,
    }),
  );
  scale();
  return () => disposers.dispose();
}

/** What a program asks its terminal is answered by its owner's: a second answer would be typed into the program. */
function answerNothing({ parser }: Terminal): void {
  const swallow = (): boolean => true;
  for (const final of ["c", "n", "t"])
    for (const prefix of [undefined, "?", ">", "="])
      parser.registerCsiHandler({ final, ...(prefix === undefined ? {} : { prefix }) }, swallow);
  for (const prefix of [undefined, "?"])
    parser.registerCsiHandler(
      { intermediates: "$", final: "p", ...(prefix === undefined ? {} : { prefix }) },
      swallow,
    );
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, swallow);
  for (const color of [4, 10, 11, 12]) parser.registerOscHandler(color, (text) => text.endsWith("?"));
}
