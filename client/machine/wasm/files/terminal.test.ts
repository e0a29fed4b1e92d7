// A terminal that no kernel makes.

import { describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { BytePipe } from "#machine/task/byte-pipe.ts";
import { neverInterrupted } from "#test/contracts/fs.ts";
import { Terminal } from "./terminal.ts";

class Desk {
  readonly keys = new BytePipe();
  screen = "";
  interrupts = 0;
  readonly terminal = new Terminal({
    input: { read: (count, interrupt) => this.keys.read(count, interrupt) },
    output: {
      write: (data) => {
        this.screen += decodeUtf8Lossy(data);
        return data.length;
      },
    },
    interrupted: () => this.interrupts++,
  });

  constructor() {
    void this.terminal.pump(neverInterrupted);
  }

  async type(text: string): Promise<void> {
    await this.keys.write(encodeUtf8(text));
    await new Promise((resolve) => setTimeout(resolve));
  }

  async read(count = 100): Promise<string> {
    return decodeUtf8Lossy(await this.terminal.input.read(count, neverInterrupted));
  }
}

describe("a terminal without a kernel", () => {
  it("echoes, and gives whole lines", async () => {
    const desk = new Desk();
    const line = desk.read();
    await desk.type("héllo");
    await desk.type("\r");
    expect(await line).toBe("héllo\n");
    expect(desk.screen).toBe("héllo\r\n");
  });

  it("takes characters back", async () => {
    const desk = new Desk();
    await desk.type("abü\x7f\x7fc\n");
    expect(await desk.read()).toBe("ac\n");
    await desk.type("abc\x15d\n");
    expect(await desk.read()).toBe("d\n");
    expect(desk.screen).toBe("abü\b \b\b \bc\r\nabc\b \b\b \b\b \bd\r\n");
  });

  it("gives a line in pieces to who asks for less", async () => {
    const desk = new Desk();
    await desk.type("abcdef\n");
    expect([await desk.read(4), await desk.read(4)]).toEqual(["abcd", "ef\n"]);
  });

  it("ends input with Ctrl-D, and takes more after it", async () => {
    const desk = new Desk();
    await desk.type("ab\x04\x04c\n");
    expect([await desk.read(), await desk.read(), await desk.read()]).toEqual(["ab", "", "c\n"]);
    desk.keys.end();
    expect(await desk.read()).toBe("");
  });

  it("interrupts with Ctrl-C, whatever the program does", async () => {
    const desk = new Desk();
    await desk.type("abc\x03");
    expect(desk.interrupts).toBe(1);
    expect(desk.screen).toBe("abc^C\r\n");
    await desk.type("d\n");
    expect(await desk.read()).toBe("d\n");
  });

  it("starts each line of output at the left", async () => {
    const desk = new Desk();
    const text = encodeUtf8("one\ntwo\n");
    expect(await desk.terminal.output.write(text, neverInterrupted)).toBe(text.length);
    expect(desk.screen).toBe("one\r\ntwo\r\n");
  });
});
