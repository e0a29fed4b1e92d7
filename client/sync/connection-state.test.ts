import { describe, expect, it } from "vitest";
import { closeCode } from "#core/room/close.ts";
import {
  addressed,
  asked,
  begin,
  closed,
  ended,
  gaveSign,
  lost,
  networkReturned,
  opened,
  refused,
  retry,
  statusOf,
  welcomed,
  type ConnectionState,
} from "./connection-state.ts";

const requesting = begin();
const opening = addressed(requesting);
const joining = opened(opening);
const joined = welcomed(joining);
const waiting = lost(joined, 1000, 0.5);
const withdrawn = refused(joined, closeCode.forbidden, "You were removed.");

const states = { requesting, opening, joining, joined, waiting, refused: withdrawn, ended: ended() };
const transitions: Readonly<Record<string, (state: ConnectionState) => ConnectionState>> = {
  addressed,
  opened,
  welcomed,
  lost: (state) => lost(state, 2000, 0.5),
  retry,
  networkReturned,
  "closed for now": (state) => closed(state, { code: closeCode.full, reason: "Full." }, 2000, 0.5),
  "closed, unauthorized": (state) =>
    closed(state, { code: closeCode.unauthorized, reason: "Ended." }, 2000, 0.5),
  "closed for good": (state) => closed(state, { code: closeCode.forbidden, reason: "Out." }, 2000, 0.5),
  refused: (state) => refused(state, closeCode.unknownProject, "There is no such project."),
};

/** The kind of the next state; what is not listed leaves the state as it is. */
const next: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  requesting: {
    addressed: "opening",
    lost: "waiting",
    "closed for now": "waiting",
    "closed for good": "refused",
    refused: "refused",
  },
  opening: {
    opened: "joining",
    lost: "waiting",
    "closed for now": "waiting",
    "closed, unauthorized": "requesting",
    "closed for good": "refused",
    refused: "refused",
  },
  joining: {
    welcomed: "joined",
    lost: "waiting",
    "closed for now": "waiting",
    "closed, unauthorized": "requesting",
    "closed for good": "refused",
    refused: "refused",
  },
  joined: {
    lost: "waiting",
    "closed for now": "waiting",
    "closed, unauthorized": "requesting",
    "closed for good": "refused",
    refused: "refused",
  },
  waiting: {
    retry: "requesting",
    networkReturned: "requesting",
    "closed, unauthorized": "requesting",
    "closed for good": "refused",
    refused: "refused",
  },
  refused: {},
  ended: {},
};

describe.each(Object.entries(states))("from %s", (name, state) => {
  it.each(Object.entries(transitions))("%s", (transition, apply) => {
    expect(apply(state).kind).toBe(next[name]?.[transition] ?? state.kind);
  });
});

describe("attempts", () => {
  it("[CONN-4] wait twice as long each time, up to a second and a half, until the room lets us in", () => {
    const waits: number[] = [];
    let state: ConnectionState = joined;
    for (let attempt = 0; attempt < 7; attempt++) {
      state = lost(state, 1000 + attempt, 0.5);
      if (state.kind === "waiting") waits.push(state.wait);
      // Opening and even speaking is no success.
      state = opened(addressed(retry(state)));
    }
    expect(waits).toEqual([100, 200, 400, 800, 1500, 1500, 1500]);
    const again = lost(welcomed(state), 1000, 0.5);
    expect(again).toMatchObject({ wait: 100, failures: 1 });
  });

  it("[CONN-4] are spread by a quarter to either side", () => {
    expect([lost(joined, 0, 0), lost(joined, 0, 1)]).toMatchObject([{ wait: 75 }, { wait: 125 }]);
  });

  it("[CONN-4] begin anew when the network returns, and stay offline since the first failure", () => {
    const third = lost(retry(lost(retry(waiting), 3000, 0.5)), 4000, 0.5);
    expect(third).toMatchObject({ failures: 3, offlineSince: 1000 });
    expect(networkReturned(third)).toMatchObject({ kind: "requesting", failures: 0, offlineSince: 1000 });
  });

  it("[CONN-5] ask for another token once, and again after the room has let us in", () => {
    const end = { code: closeCode.unauthorized, reason: "This access has ended." };
    const renewing = closed(joined, end, 1000, 0.5);
    expect(renewing).toMatchObject({ kind: "requesting", tokenRefused: true });
    expect(closed(opened(addressed(renewing)), end, 1000, 0.5)).toEqual({ kind: "refused", ...end });
    // Also where attempts have failed in between.
    const later = opened(addressed(retry(lost(renewing, 1000, 0.5))));
    expect(closed(later, end, 1000, 0.5).kind).toBe("refused");
    expect(closed(welcomed(later), end, 1000, 0.5).kind).toBe("requesting");
  });
});

it("[CONN-3] an open socket is asked for a sign, and gives one", () => {
  for (const state of [joining, joined]) {
    const silent = asked(state, 5000);
    expect(silent).toMatchObject({ kind: state.kind, liveness: { kind: "asked", until: 5000 } });
    expect(gaveSign(silent)).toEqual(state);
  }
  expect(welcomed(asked(joining, 5000))).toMatchObject({ liveness: { kind: "asked" } });
  for (const state of [requesting, opening, waiting]) expect(asked(state, 5000)).toBe(state);
});

it("[CONN-1] is online only when it has joined", () => {
  const kinds = [requesting, opening, joining, joined].map((state) => {
    return state.kind === "ended" ? "" : statusOf(state).kind;
  });
  expect(kinds).toEqual(["connecting", "connecting", "connecting", "online"]);
  let state = retry(waiting);
  for (const step of [addressed, opened]) {
    state = step(state);
    if (state.kind !== "ended") expect(statusOf(state)).toEqual({ kind: "offline", since: 1000 });
  }
});
