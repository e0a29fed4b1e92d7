import { describe, expect, it } from "vitest";
import { can, grantable } from "./role.ts";
import { signToken, verifyToken } from "./token.ts";

const key = new Uint8Array(32).fill(7);
const claims = { project: "p1", role: "editor", sub: "link" } as const;

describe("tokens", () => {
  it("come back as they were signed", async () => {
    const token = await signToken(key, { ...claims, name: "Ana" });
    expect(await verifyToken(key, token, "p1")).toEqual({
      ok: true,
      claims: { ...claims, name: "Ana" },
    });
  });

  it("are refused with the reason", async () => {
    const token = await signToken(key, claims);
    expect(await verifyToken(key, token, "p2")).toEqual({ ok: false, reason: "wrong-project" });
    expect(await verifyToken(key, null, "p1")).toEqual({ ok: false, reason: "missing" });
    expect(await verifyToken(key, "a.b.c", "p1")).toEqual({ ok: false, reason: "invalid" });
    expect(await verifyToken(key, "x".repeat(1 << 20), "p1")).toEqual({
      ok: false,
      reason: "invalid",
    });
    const other = new Uint8Array(32).fill(8);
    expect(await verifyToken(other, token, "p1")).toEqual({ ok: false, reason: "invalid" });
  });

  it("of no algorithm are no tokens", async () => {
    const part = (value: unknown): string =>
      btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
    const forged = `${part({ alg: "none" })}.${part({ ...claims, iss: "conch" })}.`;
    expect(await verifyToken(key, forged, "p1")).toEqual({ ok: false, reason: "invalid" });
  });

  it("need a key that is long enough", async () => {
    await expect(signToken(new Uint8Array(8), claims)).rejects.toThrow("32");
  });
});

describe("roles", () => {
  it("never hand on more than they are", () => {
    expect(grantable("owner")).toEqual(["owner", "editor", "runner", "viewer"]);
    expect(grantable("editor")).toEqual(["editor", "runner", "viewer"]);
    expect(grantable("viewer")).toEqual([]);
  });

  it("edit only where they may", () => {
    expect(["owner", "editor", "runner", "viewer"].map((role) => can(role as "owner", "edit"))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
