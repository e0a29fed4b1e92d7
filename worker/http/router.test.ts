import { describe, expect, it } from "vitest";
import type { Env } from "#worker/bindings/env.ts";
import { route, router, type Need } from "./router.ts";

const env = {} as Env;
const password: Need<string> = {
  name: "password",
  check: ({ req }) => {
    const word = req.header("Password");
    if (word === "break") throw new Error("the check breaks");
    return word === undefined
      ? { ok: false, refusal: new Response("no", { status: 401 }) }
      : { ok: true, grant: word };
  },
};

describe("a route", () => {
  const seen: string[] = [];
  const app = router([
    route("GET", "/things/:thing", password, (asked, word) => {
      seen.push(`${asked.req.param("thing")} ${word}`);
      return new Response("yes");
    }),
    route("ALL", "*", password, () => new Response("last", { status: 404 })),
  ]);
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    Promise.resolve(app.request(path, init, env));

  it("runs only after what it needs was met, and knows what was found", async () => {
    expect((await ask("/things/a")).status).toBe(401);
    expect(seen).toEqual([]);
    expect((await ask("/things/a", { headers: { Password: "x" } })).status).toBe(200);
    expect(seen).toEqual(["a x"]);
  });

  it("is the first that fits", async () => {
    const init = { method: "POST", headers: { Password: "x" } };
    expect((await ask("/things/a", init)).status).toBe(404);
    expect((await ask("/other", { method: "POST" })).status).toBe(401);
  });

  it("answers a failure of its check or handler as it says", async () => {
    const careful = router([
      route("GET", "/", password, () => new Response("yes"), {
        failed: () => new Response("full", { status: 507 }),
      }),
    ]);
    const response = await careful.request("/", { headers: { Password: "break" } }, env);
    expect(response.status).toBe(507);
  });
});
