// The example notebooks are lessons, and tests of us: each runs from top to bottom in a browser and prints what it promises.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Screen } from "#core/notebook/output/screen.ts";
import { useWorld } from "./world.ts";

const folder = join(import.meta.dirname, "../../notebooks");
const examples = readdirSync(folder).filter((name) => name.endsWith(".nb.md"));
const world = useWorld();

/** As a terminal shows it: tabs are columns there. */
function onScreen(text: string): string {
  const screen = new Screen();
  screen.write(text);
  return screen.text;
}

/** A compiler in an emulated machine is slow where nothing is warm. */
const limit = 240_000;

describe("the example notebooks", () => {
  it("are at least four, welcome among them", () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
    expect(examples).toContain("welcome.nb.md");
  });

  it.each(examples)(
    "%s runs from top to bottom",
    async (file) => {
      const expected = JSON.parse(
        readFileSync(join(folder, file.replace(/\.nb\.md$/, ".expected.json")), "utf8"),
      ) as Readonly<Record<string, string>>;
      const project = await world.server.createProject({ name: file });
      const person = await world.enter(project.url);
      await person.ready();
      await person.write(file, readFileSync(join(folder, file), "utf8"));
      await person.file(file).click();
      await person.notebook(file).waitFor();
      await person.notebook(file).getByRole("button", { name: "Run all" }).click();
      const code = (await person.cells(file)).filter((cell) => cell.kind !== "text");
      await expect
        .poll(async () => (await person.cells(file)).filter((cell) => cell.state === "done").length, {
          timeout: limit,
        })
        .toBe(code.length);
      for (const cell of await person.cells(file)) {
        const wanted = cell.name === undefined ? undefined : expected[cell.name];
        if (wanted === undefined) continue;
        expect({ cell: cell.name, code: cell.code, output: cell.output }).toEqual({
          cell: cell.name,
          code: 0,
          output: onScreen(wanted),
        });
      }
      if (file === "data-and-chart.nb.md") {
        await person.notebook(file).getByRole("img", { name: "weather.svg" }).waitFor();
        await person.notebook(file).getByRole("columnheader", { name: "month" }).waitFor();
      }
      expect(person.visitor.errors).toEqual([]);
      expect(person.visitor.strayRequests).toEqual([]);
      await person.visitor.close();
    },
    limit,
  );
});
