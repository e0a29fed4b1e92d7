// Storage that neither answers nor fails ([COPY-13]): what depends on it ends its wait, and nothing stays open.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ManualClock, settle } from "#test/harness/manual-clock.ts";
import { answered, openDatabase, SilentStorage } from "./database.ts";
import { openCopy } from "./indexed-copy.ts";

/** A request to open a database that is answered when the test says so. */
class OpenRequest extends EventTarget {
  closed = 0;
  readonly result = { close: () => void this.closed++ };
  readonly error = null;

  answer(): void {
    this.dispatchEvent(new Event("success"));
  }
}

let clock: ManualClock;
let requests: OpenRequest[];

beforeEach(() => {
  clock = new ManualClock();
  requests = [];
  vi.stubGlobal("indexedDB", {
    open: () => {
      const request = new OpenRequest();
      requests.push(request);
      return request;
    },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  expect(clock.waiting).toBe(0);
});

/** How a promise has settled so far. */
function outcome(asked: Promise<unknown>): () => unknown {
  let settled: unknown = "waiting";
  asked.then(
    () => (settled = "answered"),
    (thrown: unknown) => (settled = thrown),
  );
  return () => settled;
}

describe("[COPY-13] a database that does not answer", () => {
  it("is waited for eight seconds, and closed when it opens after all", async () => {
    const settled = outcome(openDatabase("d", 1, () => undefined, clock));
    await clock.pass(7999);
    expect(settled()).toBe("waiting");
    await clock.pass(1);
    expect(settled()).toBeInstanceOf(SilentStorage);
    requests[0]?.answer();
    expect(requests[0]?.closed).toBe(1);
  });

  it("costs a project its copy and no more: it opens within ten seconds, with a sentence", async () => {
    const settled = outcome(openCopy("p", clock));
    await clock.pass(10_000);
    expect(settled()).toMatchObject({ message: "The browser's storage does not answer." });
  });

  it("that answers in time is used, and nothing waits any more", async () => {
    const settled = outcome(openDatabase("d", 1, () => undefined, clock));
    await clock.pass(7000);
    requests[0]?.answer();
    await settle();
    expect(settled()).toBe("answered");
    await clock.pass(10_000);
    expect(requests[0]?.closed).toBe(0);
  });

  it("that another tab holds is told at once", async () => {
    const settled = outcome(openDatabase("d", 1, () => undefined, clock));
    requests[0]?.dispatchEvent(new Event("blocked"));
    await settle();
    expect(settled()).toMatchObject({ message: "Another tab holds an older form of it." });
  });
});

it("what storage answers is passed on, a failure as well", async () => {
  expect(await answered(Promise.resolve(7), clock)).toBe(7);
  await expect(answered(Promise.reject(new Error("no")), clock)).rejects.toThrow("no");
});
