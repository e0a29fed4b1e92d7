import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { moduleCode } from "./module-code.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "conch-modules-"));
  await cp("package.json", join(root, "package.json"));
  await write("entry.ts", 'import { far } from "./near.ts";\nprocess.stdout.write(far(1));\n');
  await write("near.ts", 'export { far } from "./far.ts";\n');
  await write("far.ts", "export function far(count: number): string {\n  return `${count}`;\n}\n");
  await write("beside.ts", "export const beside = 1;\n");
});
afterEach(() => rm(root, { recursive: true }));

function write(name: string, text: string): Promise<void> {
  return writeFile(join(root, name), text);
}

async function code(): Promise<string> {
  return decodeUtf8Lossy(await moduleCode(join(root, "entry.ts")));
}

describe("the code of a module", () => {
  it("changes with what it imports, however far away", async () => {
    const before = await code();
    await write("far.ts", "export function far(count: number): string {\n  return `${count + 1}`;\n}\n");
    expect(await code()).not.toBe(before);
  });

  it("stays the same for comments, types and what is not imported", async () => {
    const before = await code();
    await write(
      "far.ts",
      "// Prints.\ntype Count = number;\nexport function far(count: Count): string { return `${count}`; }\n",
    );
    await write("beside.ts", "export const beside = 2;\n");
    await write(
      "near.ts",
      'import type { beside } from "./beside.ts";\nexport { far } from "./far.ts";\nexport type B = typeof beside;\n',
    );
    expect(await code()).toBe(before);
  });
});

it("[PACK-20] a snapshot depends on the machine that bakes it, and not on its composition", async () => {
  const baking = decodeUtf8Lossy(await moduleCode("rootfs/bake.ts"));
  const has = (text: string): boolean => baking.includes(text);
  // The 9P server, the tree of tasks and the namespace; but not what runs WebAssembly, nor what is only built with it.
  expect(["9P2000.L", "conch-wake", "conch-overlay-1"].filter((text) => !has(text))).toEqual([]);
  expect(["wasi_snapshot_preview1", "conch-guest"].filter(has)).toEqual([]);
});
