// The states of a connection (core/room/SPEC.md).

import { describe, expect, it } from "vitest";
import {
  ask,
  catchUp,
  close,
  end,
  hear,
  holdMark,
  joined,
  missEdits,
  type ConnectionState,
} from "./connection-state.ts";

describe("[ROOM-14] a mark of a connection that is behind", () => {
  it("is held until the next step 2, the last one for all", () => {
    const held = holdMark(holdMark(missEdits(joined(false)), 3), 4);
    expect(missEdits(held)).toBe(held);
    const { state, mark } = catchUp(held);
    expect(mark).toBe(4);
    expect(state).toEqual(joined(false));
    expect(catchUp(state).mark).toBeUndefined();
  });
});

describe("[ROOM-32] the liveness of a connection", () => {
  it("changes without its edits", () => {
    const asked = ask(joined(true), 10);
    expect(asked).toMatchObject({ edits: { kind: "behind" }, liveness: { kind: "asked", at: 10 } });
    expect(hear(asked)).toEqual(joined(true));
  });
});

describe("a connection that is closed", () => {
  const changes: readonly ((state: ConnectionState) => ConnectionState)[] = [
    missEdits,
    (state) => holdMark(state, 1),
    (state) => catchUp(state).state,
    (state) => ask(state, 1),
    hear,
    close,
  ];

  it("never comes back", () => {
    for (const over of [close(joined(false)), end()])
      for (const change of changes) expect(change(over)).toBe(over);
  });
});
