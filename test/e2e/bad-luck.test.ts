// A server that dies, a line that breaks: the page tells the truth, and nothing is lost.

import { expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });

it("says that the server cannot be reached, keeps what is typed meanwhile, and saves it when the server is back", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  const ben = await world.enter(project.url);
  for (const person of [ana, ben]) await person.ready();
  await ana.createFile("notes.txt");
  await ana.openFile("notes.txt");
  await ana.focusEditor("notes.txt");
  await ana.type("before. ");
  await until("it is saved", async () => (await ana.connection.innerText()).includes("Saved"));

  await world.server.kill();
  await until("the page says so", async () =>
    (await ana.connection.innerText()).includes("The server cannot be reached"),
  );
  await ana.focusEditor("notes.txt");
  await ana.type("while it was away. ");

  await world.server.start();
  await until("it is saved again", async () => (await ana.connection.innerText()).trim() === "Saved", 60_000);
  await until("Ben has it", async () => (await ben.read("notes.txt")) === "before. while it was away. ");

  const later = await world.enter(project.url);
  await later.ready();
  expect(await later.read("notes.txt")).toBe("before. while it was away. ");
});

it("loses nothing that was acknowledged when the server is killed under typing", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  await ana.ready();
  await ana.createFile("log.txt");
  await ana.openFile("log.txt");
  await ana.focusEditor("log.txt");
  for (let round = 0; round < 3; round++) {
    await ana.type(`round ${round}\n`);
    await ana.saved();
    await world.server.kill();
    await world.server.start();
    // Somebody who has never held this text in memory.
    const witness = await world.enter(project.url);
    await witness.ready();
    expect(await witness.read("log.txt")).toContain(`round ${round}\n`);
    await witness.visitor.close();
    await until("Ana is back", async () => (await ana.connection.innerText()).trim() === "Saved", 60_000);
  }
});
