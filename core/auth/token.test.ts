import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { keyPeriod, ServerKeys } from "./keys.ts";
import { can, grantable, roles } from "./role.ts";
import { signAccess, signLink, verifyToken } from "./token.ts";

const keys = new ServerKeys("a secret of at least 32 characters");
const minute = 60_000;
const now = 500_000 * keyPeriod + 7 * minute;
const longest = 10 * minute;
const person = { id: "p", name: "Ana", color: "#123456" };
const pass = { project: "p1", link: "l1", person, until: now + longest };

const check = (token: string | null, project = "p1", at = now) =>
  verifyToken(keys, token, project, { now: at, longest });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("[AUTH-1] a link's token", () => {
  it("comes back as it was signed", async () => {
    const token = await signLink(keys, "p1", "l1", "editor");
    expect(await check(token)).toEqual({
      ok: true,
      pass: { project: "p1", link: "l1", signedRole: "editor" },
    });
  });

  it("is refused with the reason", async () => {
    const token = await signLink(keys, "p1", "l1", "editor");
    expect(await check(token, "p2")).toEqual({ ok: false, reason: "wrong-project" });
    expect(await check(null)).toEqual({ ok: false, reason: "missing" });
    for (const damaged of ["a.b.c", "abc", "x".repeat(1 << 20), `${part({ alg: "none" })}.${part(pass)}.`])
      expect(await check(damaged)).toEqual({ ok: false, reason: "invalid" });
    const others = new ServerKeys("another secret of 32 characters or more");
    expect(await check(await signLink(others, "p1", "l1", "owner"))).toEqual({
      ok: false,
      reason: "invalid",
    });
  });

  it("needs a secret that is long enough", () => {
    expect(() => new ServerKeys("short")).toThrow("32");
  });
});

describe("[AUTH-4] an access token", () => {
  it("comes back as it was signed, until it ends", async () => {
    const token = await signAccess(keys, { ...pass, email: "ana@example.org" }, now);
    expect(await check(token)).toEqual({ ok: true, pass: { ...pass, email: "ana@example.org" } });
    expect((await check(token, "p1", now + longest - 1000)).ok).toBe(true);
    expect(await check(token, "p1", now + longest + 1000)).toEqual({ ok: false, reason: "expired" });
  });

  it("ends to the millisecond when it is to, and lasts as long as a token may from any moment", async () => {
    for (const fraction of [1, 7, 499, 999]) {
      const issued = now + fraction;
      const until = issued + longest;
      const token = await signAccess(keys, { ...pass, until }, issued);
      expect(await check(token, "p1", until - 1)).toEqual({ ok: true, pass: { ...pass, until } });
      expect(await check(token, "p1", until)).toEqual({ ok: false, reason: "expired" });
      const over = await signAccess(keys, { ...pass, until: until + 1 }, issued);
      expect(await check(over, "p1", issued)).toEqual({ ok: false, reason: "invalid" });
    }
  });

  it("goes on to verify when the next key has taken over", async () => {
    const late = 500_001 * keyPeriod - minute;
    const token = await signAccess(keys, { ...pass, until: late + longest }, late);
    expect((await check(token, "p1", late + 5 * minute)).ok).toBe(true);
    expect(await check(token, "p1", late + 30 * minute)).toEqual({ ok: false, reason: "expired" });
  });

  const forge = (kid: string, iat: number, exp: number, key: Uint8Array, alg = "HS256"): Promise<string> =>
    new SignJWT({ project: "p1", person, link: "l1" })
      .setProtectedHeader({ alg, kid })
      .setIssuer("conch")
      .setSubject("p")
      .setIssuedAt(iat / 1000)
      .setExpirationTime(exp / 1000)
      .sign(key);

  it("of a key that has gone, or is to come, or of no key, opens nothing, whatever time it claims", async () => {
    for (const period of [499_998, 499_999, 500_001, 600_000]) {
      const token = await forge(`a${period}`, now, now + longest, keys.access(period));
      expect((await check(token)).ok, String(period)).toBe(false);
    }
    const invalid = { ok: false, reason: "invalid" };
    for (const kid of ["a-1", "a1e99", "b500000", "../a500000", "a500000 "])
      expect(await check(await forge(kid, now, now + longest, keys.access(500_000)))).toEqual(invalid);
    // A link's key, an hour's key under another's name, another algorithm, a life that is too long.
    expect(await check(await forge("a500000", now, now + longest, keys.links))).toEqual(invalid);
    expect(await check(await forge("a500000", now, now + longest, keys.access(499_999)))).toEqual(invalid);
    const strong = new Uint8Array(64).fill(1);
    expect(await check(await forge("a500000", now, now + longest, strong, "HS512"))).toEqual(invalid);
    expect(await check(await forge("a500000", now, now + 60 * longest, keys.access(500_000)))).toEqual(
      invalid,
    );
  });
});

describe("roles", () => {
  it("never hand on more than they are", () => {
    expect(grantable("owner")).toEqual(["owner", "editor", "runner", "viewer"]);
    expect(grantable("editor")).toEqual(["editor", "runner", "viewer"]);
    expect(grantable("runner")).toEqual([]);
    expect(grantable("viewer")).toEqual([]);
  });

  it("[AUTH-7] are one table", () => {
    const table = roles.map((role) =>
      (["read", "run", "edit", "share", "manage"] as const).filter((action) => can(role, action)).join(" "),
    );
    expect(table).toEqual(["read run edit share manage", "read run edit share", "read run", "read"]);
  });
});
