import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

it("the guest's command has the version of the package", async () => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  expect(await readFile(join(root, "rootfs/agent/conch.c"), "utf8")).toContain(
    `#define CONCH_VERSION "${version}"`,
  );
});

it("install.json names no source that is missing", async () => {
  const list = JSON.parse(await readFile(join(import.meta.dirname, "install.json"), "utf8")) as {
    programs: { sources: string[] }[];
    files: { from: string }[];
  };
  for (const name of [
    ...list.programs.flatMap((program) => program.sources),
    ...list.files.map((file) => file.from),
  ])
    expect((await readFile(join(import.meta.dirname, name))).length).toBeGreaterThan(0);
});
