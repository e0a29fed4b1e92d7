// What the browser remembers, on a storage in memory.

import { expect, it } from "vitest";
import { ServerKeys } from "#core/auth/keys.ts";
import type { Role } from "#core/auth/role.ts";
import { signLink } from "#core/auth/token.ts";
import { BrowserStore, claimedRole, strongestFirst } from "./browser-store.ts";
import type { KnownProject } from "./browser-store.ts";

class MemoryStorage {
  readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
  clear = (): void => this.items.clear();
  key = (index: number): string | null => [...this.items.keys()][index] ?? null;
}

const project = (id: string, openedAt: number): KnownProject => ({
  id,
  name: `Project ${id}`,
  openedAt,
  token: "t",
  role: "owner",
});

it("remembers projects, latest first, one entry each", () => {
  const store = new BrowserStore(() => new MemoryStorage());
  store.remember(project("a", 1));
  store.remember(project("b", 2));
  store.remember(project("a", 3));
  expect(store.projects().map(({ id, openedAt }) => [id, openedAt])).toEqual([
    ["a", 3],
    ["b", 2],
  ]);
  store.forget("a");
  expect(store.project("a")).toBeUndefined();
  expect(store.project("b")).toEqual(project("b", 2));
});

it("takes nonsense and a forbidden storage for nothing stored", () => {
  const storage = new MemoryStorage();
  storage.setItem("conch.projects", '[null, 7, {"id": "x"}]');
  storage.setItem("conch.person", "{{");
  const store = new BrowserStore(() => storage);
  expect(store.projects()).toEqual([]);
  expect(store.identity()).toBeUndefined();
  const forbidden = new BrowserStore(() => {
    throw new Error("SecurityError");
  });
  forbidden.setIdentity({ key: "k", name: "n", color: "c" });
  expect(forbidden.identity()).toBeUndefined();
});

it("tries the token that claims most first", async () => {
  const keys = new ServerKeys("a secret that is long enough for HS256");
  const token = (role: Role) => signLink(keys, "p", "s", role);
  const [owner, editor, viewer] = await Promise.all([token("owner"), token("editor"), token("viewer")]);
  expect(claimedRole(editor)).toBe("editor");
  expect(claimedRole("nonsense")).toBeUndefined();
  expect(strongestFirst(["nonsense", viewer, owner, "", editor, owner])).toEqual([
    owner,
    editor,
    viewer,
    "nonsense",
  ]);
});
