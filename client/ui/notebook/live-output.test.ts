import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import { LiveOutputs, type ChannelEvents } from "./live-output.ts";

const started: RunRecord = {
  id: "r",
  by: { id: "ana", name: "Ana", color: "#c2410c" },
  client: 1,
  machine: "Ana's machine",
  sourceHash: "",
  started: 1_000,
  state: "running",
  channel: "run-r",
};
const ended: RunRecord = { ...started, state: "done", duration: 10, code: 0 };

function outputs(): { outputs: LiveOutputs; channel: ChannelEvents; watching: () => boolean } {
  const open = new Set<ChannelEvents>();
  const all: ChannelEvents[] = [];
  const made = new LiveOutputs((_channel, events) => {
    open.add(events);
    all.push(events);
    return () => open.delete(events);
  });
  made.of(started);
  return { outputs: made, channel: all[0]!, watching: () => open.size > 0 };
}

describe("the output of a run", () => {
  it("begins with the snapshot, and begins anew with the next one", () => {
    const { outputs: all, channel } = outputs();
    channel.snapshot(encodeUtf8("one\r\n"));
    channel.data(encodeUtf8("two\r\n"));
    expect(all.of(started).screen.text).toBe("one\ntwo");
    channel.snapshot(encodeUtf8("one\r\ntwo\r\nthree\r\n"));
    expect(all.of(started).screen.text).toBe("one\ntwo\nthree");
  });

  it("waits for a runner whose announcement comes after the record", () => {
    const { outputs: all, channel, watching } = outputs();
    channel.closed();
    expect(watching()).toBe(true);
    channel.snapshot(encodeUtf8("late"));
    expect(all.of(started).screen.text).toBe("late");
  });

  it("ends as it was stored, whatever was missed", () => {
    const { outputs: all, channel, watching } = outputs();
    channel.snapshot(encodeUtf8("on"));
    const output = all.of({ ...ended, output: { head: "one\r\ntwo\r\n", tail: "", omitted: 0 } });
    expect(output.screen.text).toBe("one\ntwo");
    expect(watching()).toBe(false);
  });

  it("keeps what it has seen where only a part was stored", () => {
    const { outputs: all, channel, watching } = outputs();
    channel.snapshot(encodeUtf8("head\r\nmiddle\r\ntail"));
    const record = { ...ended, output: { head: "head\r\n", tail: "tail", omitted: 8 } };
    expect(all.of(record).screen.text).toBe("head\nmiddle\ntail");
    channel.closed();
    expect(watching()).toBe(false);
  });

  it("shows head and tail with a note between them to who was not there", () => {
    const fresh = new LiveOutputs(() => () => undefined);
    const record = { ...ended, output: { head: "head", tail: "tail", omitted: 1_234 } };
    expect(fresh.of(record).screen.text).toBe("head\n… 1,234 bytes left out …\ntail");
  });

  it("is let go when the notebook no longer has the run", () => {
    const { outputs: all, watching } = outputs();
    all.keep(new Set());
    expect(watching()).toBe(false);
  });
});
