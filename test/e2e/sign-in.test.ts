// Signing in with an identity provider, as a person does it: a project, a role for another account, and its end.

import { afterAll, expect, it } from "vitest";
import { buildClient } from "#scripts/bundle.ts";
import { freePort } from "#test/harness/free-port.ts";
import { IdentityProvider } from "#test/harness/identity-provider.ts";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });
let identity: IdentityProvider | undefined;
afterAll(() => identity?.stop());

it("makes a project, grants another account a role, and takes it back", async () => {
  const port = await freePort();
  identity = await IdentityProvider.start(`http://127.0.0.1:${port}/auth/callback`, {
    ana: { name: "Ana Alvarez", email: "ana@example.org", verified: true },
    ben: { name: "Ben Brown", email: "ben@example.org", verified: true },
  });
  const server = await world.startServer({
    client: await buildClient(),
    port,
    env: {
      OIDC_ISSUER: identity.issuer,
      OIDC_CLIENT_ID: "conch",
      OIDC_CLIENT_SECRET: "a secret of the tests",
    },
  });
  const ana = await world.enter(server.origin);
  identity.use("ana");
  await ana.page.getByRole("button", { name: "Sign in" }).click();
  await ana.page.getByText("Ana Alvarez").waitFor();
  await ana.page.getByRole("button", { name: "New project" }).click();
  await ana.ready();
  expect(await ana.page.evaluate(() => globalThis.conch?.room.participants()[0]?.name)).toBe("Ana Alvarez");

  await ana.page.getByRole("button", { name: "Share" }).click();
  const dialog = ana.page.getByRole("dialog", { name: "Share" });
  const invite = dialog.getByRole("form", { name: "Invite" });
  await invite.getByRole("textbox").fill("ben@example.org");
  await invite.getByRole("combobox").selectOption("viewer");
  await invite.getByRole("button", { name: "Invite" }).click();
  await dialog.getByText("ben@example.org").waitFor();

  // Ben was sent nothing: he signs in, and there it is.
  const ben = await world.enter(server.origin);
  identity.use("ben");
  await ben.page.getByRole("button", { name: "Sign in" }).click();
  await ben.page.getByRole("link", { name: /Untitled project/ }).click();
  await ben.ready();
  expect(await ben.page.evaluate(() => globalThis.conch?.room.state().role)).toBe("viewer");

  await ana.page.keyboard.press("Escape");
  await ana.page.getByRole("button", { name: "Share" }).click();
  const may = dialog.getByRole("combobox", { name: "What Ben Brown may do" });
  await may.selectOption("editor");
  await ben.page.getByRole("button", { name: "New file" }).waitFor();
  await may.selectOption("none");
  await until("he is told why", async () => /removed/.test(await ben.connection.innerText()));
  await ben.page.reload();
  await ben.page.getByRole("heading", { name: /does not open the project/ }).waitFor();
  expect(ana.visitor.errors).toEqual([]);
});

it("is not offered where nobody can sign in", async () => {
  const person = await world.enter(world.server.origin);
  await person.page.getByRole("button", { name: "New project" }).waitFor();
  expect(await person.page.getByRole("button", { name: "Sign in" }).count()).toBe(0);
});
