// A terminal for a program that no kernel's stands behind: what a person types is echoed and comes by the line, Ctrl-C
// and Ctrl-D mean what they mean, and lines of output start at the left.

import { concatBytes, emptyBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { ByteSink, ByteSource, StandardStreams } from "./stream.ts";

const key = { interrupt: 0x03, endOfInput: 0x04, backspace: 0x08, newline: 0x0a, return: 0x0d } as const;
const killLine = 0x15;
const erase = 0x7f;
const escape = 0x1b;

/** As a terminal of Linux: what is longer than a line may be is not taken. */
const lineBytes = 4096;

export interface TerminalOptions {
  readonly input: ByteSource;
  readonly output: ByteSink;
  /** Ctrl-C. */
  readonly interrupted: () => void;
}

export class Terminal implements StandardStreams {
  readonly terminal = true;
  readonly input: ByteSource;
  readonly output: ByteSink;
  readonly error: ByteSink;
  readonly #options: TerminalOptions;
  /** Whole lines, and empty bytes for an end of input that was typed. */
  readonly #lines: Uint8Array[] = [];
  readonly #more = new Emitter<void>();
  #line: number[] = [];
  #over = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.input = { read: (count, interrupt) => this.#read(count, interrupt) };
    this.output = this.error = {
      write: async (data, interrupt) => {
        await this.#print(data, interrupt);
        return data.length;
      },
    };
  }

  /** Takes what is typed until that ends, also while the program computes. */
  async pump(interrupt: Interrupt): Promise<void> {
    while (!this.#over) {
      const data = await this.#options.input.read(lineBytes, interrupt);
      if (data.length === 0) this.#over = true;
      let echo = "";
      for (const byte of data) echo += this.#type(byte);
      if (this.#over && this.#line.length > 0) this.#finishLine();
      this.#more.emit();
      if (echo !== "") await this.#print(encodeUtf8(echo), interrupt);
    }
  }

  /** What is echoed. */
  #type(byte: number): string {
    switch (byte) {
      case key.interrupt:
        this.#line = [];
        this.#options.interrupted();
        return "^C\n";
      case key.endOfInput:
        this.#finishLine();
        return "";
      case key.backspace:
      case erase:
        return this.#erase() ? "\b \b" : "";
      case killLine: {
        let echo = "";
        while (this.#erase()) echo += "\b \b";
        return echo;
      }
      case key.return:
      case key.newline:
        this.#line.push(key.newline);
        this.#finishLine();
        return "\n";
      default:
        if (this.#line.length >= lineBytes) return "";
        this.#line.push(byte);
        return byte === escape ? "^[" : this.#echoOf(byte);
    }
  }

  /** Characters of several bytes are echoed with their last. */
  #echoOf(byte: number): string {
    if (byte < 0x80) return String.fromCharCode(byte);
    const start = this.#line.findLastIndex((each) => each >= 0xc0);
    const first = this.#line[start] ?? 0;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (start === -1 || this.#line.length - start < length) return "";
    return new TextDecoder().decode(Uint8Array.from(this.#line.slice(start)));
  }

  /** Takes back one character, if there is one. */
  #erase(): boolean {
    let byte = this.#line.pop();
    if (byte === undefined) return false;
    while (byte !== undefined && byte >= 0x80 && byte < 0xc0) byte = this.#line.pop();
    return true;
  }

  #finishLine(): void {
    this.#lines.push(Uint8Array.from(this.#line));
    this.#line = [];
  }

  #read(count: number, interrupt: Interrupt): Awaitable<Uint8Array> {
    const line = this.#lines.shift();
    if (line !== undefined) {
      if (line.length > count) this.#lines.unshift(line.subarray(count));
      return line.subarray(0, count);
    }
    if (this.#over) return emptyBytes;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        offMore();
        offInterrupt();
      };
      const offMore = this.#more.on(() => {
        if (this.#lines.length === 0 && !this.#over) return;
        done();
        resolve(this.#read(count, interrupt));
      });
      const offInterrupt = interrupt.on(() => {
        done();
        reject(new FsError("EINTR"));
      });
    });
  }

  async #print(data: Uint8Array, interrupt: Interrupt): Promise<void> {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < data.length;) {
      const end = data.indexOf(key.newline, at);
      parts.push(data.subarray(at, end === -1 ? data.length : end));
      if (end === -1) break;
      parts.push(newLine);
      at = end + 1;
    }
    const whole = concatBytes(parts);
    for (let at = 0; at < whole.length;)
      at += await this.#options.output.write(whole.subarray(at), interrupt);
  }
}

const newLine = encodeUtf8("\r\n");
