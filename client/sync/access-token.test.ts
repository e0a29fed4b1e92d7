import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock, settle } from "#test/harness/manual-clock.ts";
import { AccessRefusal, type GrantedAccess } from "./access-exchange.ts";
import { AccessToken } from "./access-token.ts";

const minute = 60_000;
let clock: ManualClock;
/** What the server answers. */
let answer: () => Promise<GrantedAccess>;
let asked: number;
let renewed: string[];
let refused: string[];
let token: AccessToken;

function granted(number: number): GrantedAccess {
  const person = { id: "p", name: "Ana", color: "coral" };
  return { id: "x", name: "X", role: "editor", person, token: `token-${number}`, lasts: 10 * minute };
}

function makeToken(first?: GrantedAccess): AccessToken {
  return new AccessToken({
    clock,
    exchange: () => {
      asked++;
      return answer();
    },
    ...(first === undefined ? {} : { granted: first }),
    onRenewed: (access) => renewed.push(access.token),
    onRefused: ({ message }) => refused.push(message),
  });
}

beforeEach(() => {
  clock = new ManualClock();
  asked = 0;
  renewed = [];
  refused = [];
  answer = () => Promise.resolve(granted(asked));
  token = makeToken();
});
afterEach(() => {
  token.destroy();
  expect(clock.waiting).toBe(0);
});

const unreachable = (): Promise<never> => Promise.reject(new Error("not reached"));

describe("an access token", () => {
  it("is asked for once, also by two who need it at the same time", async () => {
    expect(await Promise.all([token.get(), token.get()])).toEqual(["token-1", "token-1"]);
    expect(await token.get()).toBe("token-1");
    expect(asked).toBe(1);
  });

  it("that was given already is not asked for", async () => {
    token = makeToken(granted(0));
    expect(await token.get()).toBe("token-0");
    expect(asked).toBe(0);
  });

  it("[ROOM-30] is renewed when six tenths of its life are over, again and again", async () => {
    await token.get();
    await clock.pass(6 * minute - 1);
    expect(renewed).toEqual([]);
    await clock.pass(1);
    expect(renewed).toEqual(["token-2"]);
    await clock.pass(6 * minute);
    expect(renewed).toEqual(["token-2", "token-3"]);
    expect(await token.get()).toBe("token-3");
  });

  it("is not used in its last second", async () => {
    token = makeToken(granted(0));
    answer = unreachable;
    await clock.pass(10 * minute - 1001);
    expect(await token.get()).toBe("token-0");
    await clock.pass(1);
    await expect(token.get()).rejects.toThrow("not reached");
  });

  it("that cannot be renewed is tried again as long as the old one holds, and then when somebody needs one", async () => {
    await token.get();
    answer = unreachable;
    await clock.pass(10 * minute);
    expect([renewed, refused]).toEqual([[], []]);
    const attempts = asked;
    expect(attempts).toBeGreaterThan(5);
    await clock.pass(60 * minute);
    expect(asked).toBe(attempts);
    answer = () => Promise.resolve(granted(99));
    expect(await token.get()).toBe("token-99");
    await clock.pass(6 * minute);
    expect(renewed).toEqual(["token-99"]);
  });

  it("that the server refuses is the end, and says why", async () => {
    await token.get();
    answer = () => Promise.reject(new AccessRefusal(401, "This link was withdrawn."));
    await clock.pass(60 * minute);
    expect(refused).toEqual(["This link was withdrawn."]);
    await expect(token.get()).rejects.toMatchObject({ code: 4401 });
  });

  it("that is forgotten is asked for anew", async () => {
    await token.get();
    token.forget();
    expect(await token.get()).toBe("token-2");
  });

  it("is renewed for a new name only after an exchange that is under way about the old one", async () => {
    const answers: ((access: GrantedAccess) => void)[] = [];
    answer = () => new Promise((resolve) => answers.push(resolve));
    const first = token.get();
    const renewing = token.renew();
    await settle();
    expect(asked).toBe(1);
    answers[0]?.(granted(1));
    expect(await first).toBe("token-1");
    await settle();
    answers[1]?.(granted(2));
    await renewing;
    expect(renewed).toEqual(["token-2"]);
  });

  it("tells nobody after its end", async () => {
    const renewing = token.renew();
    token.destroy();
    await renewing;
    expect(renewed).toEqual([]);
  });
});

it.each([
  [404, 4404],
  [403, 4403],
  [401, 4401],
  [409, 4401],
])("a refusal with status %i is what the room closes with as %i", (status, code) => {
  expect(new AccessRefusal(status, "No.").code).toBe(code);
});
