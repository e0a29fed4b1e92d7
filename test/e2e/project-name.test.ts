// A project has one name: whoever sees it anywhere sees what it was renamed to.

import { afterAll, expect, it } from "vitest";
import { buildClient } from "#scripts/bundle.ts";
import { freePort } from "#test/harness/free-port.ts";
import { IdentityProvider } from "#test/harness/identity-provider.ts";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });
let identity: IdentityProvider | undefined;
afterAll(() => identity?.stop());

it("[PR-73] is renamed in one page, and has that name wherever it is shown", async () => {
  const port = await freePort();
  identity = await IdentityProvider.start(`http://127.0.0.1:${port}/auth/callback`, {
    ana: { name: "Ana Alvarez", email: "ana@example.org", verified: true },
  });
  const { origin } = await world.startServer({
    client: await buildClient(),
    port,
    env: {
      OIDC_ISSUER: identity.issuer,
      OIDC_CLIENT_ID: "conch",
      OIDC_CLIENT_SECRET: "a secret of the tests",
    },
  });
  identity.use("ana");
  const ana = await world.enter(origin);
  await ana.page.getByRole("button", { name: "Sign in" }).click();
  await ana.page.getByText("Ana Alvarez").waitFor();
  await ana.page.getByRole("button", { name: "New project" }).click();
  await ana.ready();
  await until("the address is an editor's", () => ana.page.url().includes("#"));
  const link = ana.page.url();

  // Ben has been here and left; Cem is here.
  const ben = await world.enter(link);
  await ben.ready();
  await ben.page.goto(origin);
  await ben.page.getByRole("link", { name: "Untitled project" }).waitFor();
  const cem = await world.enter(link);
  await cem.ready();
  expect(await cem.page.title()).toContain("Untitled project");

  await ana.page.getByRole("button", { name: "Untitled project" }).click();
  await ana.page.getByRole("textbox", { name: "Project name" }).fill("Tides of June");
  await ana.page.keyboard.press("Enter");
  await ana.page.getByRole("heading", { name: "Tides of June" }).waitFor();
  await ana.saved();

  await until("his title has the name", async () => (await cem.page.title()).includes("Tides of June"));
  await cem.page.getByRole("heading", { name: "Tides of June" }).waitFor();
  const exported = cem.page.waitForEvent("download");
  await cem.page.getByRole("tree", { name: "Files" }).click({ button: "right", position: { x: 20, y: 300 } });
  await cem.page.getByRole("menuitem", { name: "Download the project (tar)" }).click();
  expect((await exported).suggestedFilename()).toBe("Tides of June.tar");

  await ben.page.reload();
  await ben.page.getByRole("link", { name: "Tides of June" }).waitFor();

  await ana.page.goto(origin);
  await ana.page.getByRole("link", { name: "Tides of June" }).waitFor();
  const elsewhere = await world.enter(origin);
  await elsewhere.page.getByRole("button", { name: "Sign in" }).click();
  await elsewhere.page.getByRole("link", { name: "Tides of June" }).waitFor();
  for (const person of [ana, ben, cem, elsewhere]) expect(person.visitor.errors).toEqual([]);
});
