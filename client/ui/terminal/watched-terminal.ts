// A colleague's terminal, live and read-only, drawn at its owner's size and scaled to fit.

import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { Terminal } from "@xterm/xterm";
import { DisposerStack, type Disposer } from "#core/base/disposable.ts";
import type { TerminalRelay } from "./relay.ts";
import { readSizeFrame, sizeOsc } from "./size-frame.ts";
import { followTheme, terminalOptions } from "./theme.ts";

/** Shows the channel inside `parent` until it is disposed. `onOpen` tells when its owner closes it or leaves, or is back. */
export function watchTerminal(
  parent: HTMLElement,
  relay: Pick<TerminalRelay, "watch">,
  channel: string,
  onOpen: (open: boolean) => void,
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
  // Keys are the page's here: Tab moves on, F6 leaves.
  terminal.attachCustomKeyEventHandler(() => false);

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

  terminal.parser.registerOscHandler(sizeOsc, (text) => {
    const size = readSizeFrame(text);
    if (size !== undefined) terminal.resize(size.cols, size.rows);
    return true;
  });

  disposers.add(
    relay.watch(channel, {
      snapshot: (data) => {
        // A reset among the bytes keeps its place behind what xterm has not drawn yet; terminal.reset() would not.
        terminal.write("\x1bc");
        terminal.write(data);
        onOpen(true);
      },
      data: (data) => terminal.write(data),
      closed: () => onOpen(false),
    }),
  );
  scale();
  return () => disposers.dispose();
}
