import { expect, it } from "vitest";
import type { Sharing, SharingRequest } from "#core/auth/sharing.ts";
import { SharingModel, shownPeople, type ShownSharing } from "./sharing-model.ts";

const sharing: Sharing = {
  role: "owner",
  links: [],
  invitations: [],
  here: [
    { id: "b", name: "Ben", color: "#123456", role: "editor" },
    { id: "a", name: "Ana", color: "#654321", role: "owner", verified: true },
  ],
  people: [
    { id: "x", name: "Abe", role: "none", by: "Ana", at: 1 },
    { id: "c", name: "Cleo", role: "viewer", verified: true, email: "c@example.org", by: "Ana", at: 1 },
    { id: "b", name: "Ben of old", role: "editor", fixed: true, by: "Ana", at: 1 },
  ],
};

it("lists everybody once: who is here, who may come, who was removed", () => {
  expect(shownPeople(sharing).map(({ name, here, role }) => [name, here, role])).toEqual([
    ["Ana", true, "owner"],
    ["Ben", true, "editor"],
    ["Cleo", false, "viewer"],
    ["Abe", false, "none"],
  ]);
  expect(shownPeople(sharing)[1]?.record?.fixed).toBe(true);
});

it("keeps what the server answered last, and says what it refused", async () => {
  const asked: (SharingRequest | undefined)[] = [];
  const link = { id: "l", role: "editor", label: "", by: "", at: 1, url: "http://here/p/x#l" } as const;
  const model = new SharingModel((request) => {
    asked.push(request);
    if (request?.type === "revoke-link") return Promise.reject(new Error("Only an owner can."));
    const answer: ShownSharing = { ...sharing, links: [link], made: "l" };
    return Promise.resolve(answer);
  });
  await model.load();
  expect(model.sharing.value?.role).toBe("owner");
  expect(await model.standardLink("editor")).toBe(link.url);
  expect(await model.change({ type: "revoke-link", link: "l" })).toBe(false);
  expect(model.problem.value).toBe("Only an owner can.");
  expect(model.sharing.value?.links).toHaveLength(1);
  expect(asked).toHaveLength(3);
});
