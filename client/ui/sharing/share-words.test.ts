import { expect, it } from "vitest";
import { linkFacts, linkName } from "./share-words.ts";

const day = 86_400_000;
const now = 1_700_000_000_000;
const link = { id: "l", role: "editor", label: "", by: "Ana", at: now - day } as const;

it("says what a link lets do, who made it when, and when it ends", () => {
  expect(linkFacts(link, now)).toBe("Can edit · by Ana, yesterday");
  expect(linkFacts({ ...link, by: "", at: now, expires: now + 3 * day }, now)).toBe(
    "Can edit · made just now · ends in 3 days",
  );
  expect(linkFacts({ ...link, expires: now - 1 }, now)).toContain("has ended");
});

it("calls a link by its label, or by what it is", () => {
  expect(linkName({ ...link, label: "Class" })).toBe("Class");
  expect(linkName(link)).toBe("Anyone: can edit");
  expect(linkName({ ...link, role: "owner" })).toBe("Owner’s link");
});
