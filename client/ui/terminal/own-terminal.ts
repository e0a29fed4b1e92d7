// One terminal on one's own machine: a login shell, an xterm that shows it, and a channel that lets the others watch.
// It lives outside the component that shows it, so hiding the panel loses nothing.

import { signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { FitAddon } from "@xterm/addon-fit";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { concatBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { DisposerStack, type Disposer } from "#core/base/disposable.ts";
import type { ExitStatus, Machine, Task, TerminalSize } from "#core/machine/machine.ts";
import type { Publication, TerminalPerson, TerminalRelay } from "./relay.ts";
import { printScreen } from "./screen-script.ts";
import { clampSize, obeySizeFrames, writeSizeFrame } from "./size-frame.ts";
import { followTheme, terminalOptions } from "./theme.ts";
import { WholeSequences } from "./whole-sequences.ts";

/** Milliseconds after a colleague's last key that they are said to type. */
const typingTime = 3000;

export type OwnTerminalState =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly task: Task }
  | { readonly kind: "ended"; readonly status: ExitStatus }
  /** `reason` is a sentence. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "closed" };

export interface OwnTerminalOptions {
  readonly number: number;
  readonly channel: string;
  readonly machine: Pick<Machine, "spawn">;
  readonly relay: TerminalRelay;
}

export class OwnTerminal {
  readonly number: number;
  readonly channel: string;
  readonly #machine: Pick<Machine, "spawn">;
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #element = document.createElement("div");
  readonly #publication: Publication;
  readonly #disposers = new DisposerStack();
  readonly #state = signal<OwnTerminalState>({ kind: "starting" });
  readonly #size: Signal<TerminalSize>;
  readonly #offered = signal(false);
  readonly #typist = signal<TerminalPerson | undefined>(undefined);
  #typing: ReturnType<typeof setTimeout> | undefined;
  /** Given to xterm and to the channel, not yet drawn: a snapshot must add them. */
  readonly #undrawn: Uint8Array[] = [];
  /** xterm and those who watch get the same pieces, so that each of them is a place to begin. */
  readonly #whole = new WholeSequences();
  /** What the terminal is about to be, once it has drawn what came before. */
  #wanted: TerminalSize;
  #opened = false;

  constructor(options: OwnTerminalOptions) {
    this.number = options.number;
    this.channel = options.channel;
    this.#machine = options.machine;
    this.#terminal = new Terminal(terminalOptions());
    this.#wanted = { cols: this.#terminal.cols, rows: this.#terminal.rows };
    this.#size = signal(this.#wanted);
    this.#element.className = "terminal-host";
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new UnicodeGraphemesAddon());
    this.#terminal.loadAddon(new WebLinksAddon());
    this.#terminal.attachCustomKeyEventHandler((event) => this.#handleKey(event));
    this.#publication = options.relay.publish(
      this.channel,
      {
        title: this.title,
        kind: "terminal",
        size: this.#size.peek(),
        onInput: (data, from) => this.#typed(data, from),
      },
      () => this.#snapshot(),
    );
    this.#terminal.onData((text) => void this.#send(encodeUtf8(text)));
    this.#terminal.onBinary(
      (text) => void this.#send(Uint8Array.from(text, (character) => character.charCodeAt(0))),
    );
    this.#disposers.add(obeySizeFrames(this.#terminal));
    this.#terminal.onResize(({ cols, rows }) => {
      const size = { cols, rows };
      this.#size.value = size;
      const state = this.#state.peek();
      // A shell that has just ended has no size; its exit is what the person sees.
      if (state.kind === "running") state.task.resize(size).catch(() => undefined);
    });
    this.#disposers.add(followTheme(this.#terminal));
    this.#disposers.add(() => this.#terminal.dispose());
    this.#disposers.add(() => this.#publication.close());
    this.#disposers.add(() => clearTimeout(this.#typing));
  }

  get title(): string {
    return `Terminal ${this.number}`;
  }

  get state(): ReadonlySignal<OwnTerminalState> {
    return this.#state;
  }

  get size(): ReadonlySignal<TerminalSize> {
    return this.#size;
  }

  /** Colleagues who may run things may type here. */
  get offered(): ReadonlySignal<boolean> {
    return this.#offered;
  }

  /** The colleague who types here now. */
  get typist(): ReadonlySignal<TerminalPerson | undefined> {
    return this.#typist;
  }

  offer(offered: boolean): void {
    this.#offered.value = offered;
    this.#publication.offer(offered);
    if (!offered) this.#typist.value = undefined;
  }

  /** Puts the terminal on the page, fitted to `parent` for as long as it stays there. The first time starts the shell. */
  attach(parent: HTMLElement): Disposer {
    parent.append(this.#element);
    if (!this.#opened) this.#terminal.open(this.#element);
    const fit = (): void => {
      if (parent.clientWidth > 0 && parent.clientHeight > 0) this.#resize(this.#fit.proposeDimensions());
    };
    fit();
    if (!this.#opened) {
      this.#opened = true;
      void this.#run();
    }
    const observer = new ResizeObserver(fit);
    observer.observe(parent);
    return () => {
      observer.disconnect();
      this.#element.remove();
    };
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** A fresh shell in the same terminal, after the old one has ended. */
  restart(): void {
    const { kind } = this.#state.peek();
    if (kind !== "ended" && kind !== "failed") return;
    this.#state.value = { kind: "starting" };
    // Out of whatever the last program left the terminal in, half a sequence included, and on a line of its own.
    this.#whole.flush();
    void this.#draw(encodeUtf8("\x1b[?1049l\x1b[!p\r\n"));
    void this.#run();
  }

  /** Hangs up on the shell and ends the channel. */
  close(): void {
    const state = this.#state.peek();
    if (state.kind === "closed") return;
    this.#state.value = { kind: "closed" };
    // The shell may have ended by itself meanwhile: then there is nobody to hang up on.
    if (state.kind === "running") state.task.signal("HUP").catch(() => undefined);
    this.#disposers.dispose();
    this.#element.remove();
  }

  async #run(): Promise<void> {
    try {
      const task = await this.#machine.spawn(
        { argv: ["bash", "-l"], tty: this.#wanted },
        { output: (_fd, data) => this.#draw(data) },
      );
      if (this.#closed) {
        await task.signal("HUP");
        return;
      }
      this.#state.value = { kind: "running", task };
      // The panel may have been resized while the shell was starting.
      task.resize(this.#wanted).catch(() => undefined);
      const status = await task.exit;
      if (!this.#closed)
        this.#state.value =
          status.error === undefined ? { kind: "ended", status } : { kind: "failed", reason: status.error };
    } catch (error) {
      if (!this.#closed)
        this.#state.value = {
          kind: "failed",
          reason: error instanceof Error ? error.message : "The shell could not be started.",
        };
    }
  }

  get #closed(): boolean {
    return this.#state.peek().kind === "closed";
  }

  /**
   * Among the output and not beside it: what a program wrote for the old size is drawn in the old size, here as with
   * those who watch.
   */
  #resize(fitting: TerminalSize | undefined): void {
    if (fitting === undefined || Number.isNaN(fitting.cols) || Number.isNaN(fitting.rows)) return;
    const size = clampSize(fitting);
    if (size.cols === this.#wanted.cols && size.rows === this.#wanted.rows) return;
    this.#wanted = size;
    void this.#give(encodeUtf8(writeSizeFrame(size)));
  }

  /** Settles when the bytes were drawn: that holds back a program that talks faster than xterm draws. */
  #draw(data: Uint8Array): Promise<void> {
    return this.#give(this.#whole.push(data));
  }

  #give(data: Uint8Array): Promise<void> {
    if (this.#closed || data.length === 0) return Promise.resolve();
    this.#publication.send(data);
    this.#undrawn.push(data);
    return new Promise((resolve) => {
      this.#terminal.write(data, () => {
        this.#undrawn.shift();
        resolve();
      });
    });
  }

  #typed(data: Uint8Array, from: TerminalPerson): Promise<void> {
    if (!this.#offered.peek()) return Promise.resolve();
    this.#typist.value = from;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => (this.#typist.value = undefined), typingTime);
    return this.#send(data);
  }

  /** Settles when the shell's terminal has taken it. */
  async #send(data: Uint8Array): Promise<void> {
    const state = this.#state.peek();
    // Keys typed into a shell that has just ended go nowhere, as in any terminal.
    if (state.kind === "running") await state.task.write(data).catch(() => undefined);
  }

  #snapshot(): Uint8Array {
    const drawn = printScreen(this.#terminal);
    return concatBytes([encodeUtf8(writeSizeFrame(this.#size.peek()) + drawn), ...this.#undrawn]);
  }

  /** False hands the key to the page. */
  #handleKey(event: KeyboardEvent): boolean {
    if (event.key === "F6") return false;
    if (event.type !== "keydown") return true;
    const copy = event.ctrlKey && !event.altKey && event.code === "KeyC";
    if (copy && (event.shiftKey || this.#terminal.hasSelection())) {
      event.preventDefault();
      if (this.#terminal.hasSelection()) {
        const text = this.#terminal.getSelection();
        this.#terminal.clearSelection();
        // Without the permission nothing is copied; the selection is the person's to copy by menu.
        navigator.clipboard.writeText(text).catch(() => undefined);
      }
      return false;
    }
    // The browser's own paste event brings the text.
    return !(event.ctrlKey && event.shiftKey && event.code === "KeyV");
  }
}
