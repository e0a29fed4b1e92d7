// Random work on a small tree of files, and what is in the tree after it: for those that must behave as another does.

import * as fc from "fast-check";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { errnoOf } from "#core/base/errno.ts";
import { contentBlockBytes } from "#machine/fs/content.ts";
import { openFlag } from "#machine/fs/fs.ts";
import { type FsDriver, neverInterrupted } from "./fs.ts";

type Step =
  | { kind: "write"; path: string; at: number; text: string }
  | { kind: "mkdir"; path: string }
  | { kind: "remove"; path: string; directory: boolean }
  | { kind: "rename"; path: string; to: string }
  | { kind: "truncate"; path: string; size: number };

const path = fc.constantFrom(
  "a",
  "b",
  "etc/passwd",
  "etc/x",
  "etc",
  "usr/lib/big",
  "usr",
  "usr/lib",
  "a/b",
  "b/etc",
);
export const randomStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    path,
    at: fc.nat(3 * contentBlockBytes),
    text: fc.string({ maxLength: 20 }),
  }),
  fc.record({ kind: fc.constant("mkdir" as const), path }),
  fc.record({ kind: fc.constant("remove" as const), path, directory: fc.boolean() }),
  fc.record({ kind: fc.constant("rename" as const), path, to: path }),
  fc.record({ kind: fc.constant("truncate" as const), path, size: fc.nat(6 * contentBlockBytes) }),
);

/** "ok" or the errno. */
export async function attempt(driver: FsDriver, step: Step): Promise<string> {
  try {
    switch (step.kind) {
      case "write": {
        const found = await driver.find(step.path).catch(() => undefined);
        const { ino } = found ?? (await driver.write(step.path, ""));
        const file = await driver.fs.open(ino, openFlag.readWrite);
        await file.write(step.at, encodeUtf8(step.text), neverInterrupted);
        await file.close();
        break;
      }
      case "mkdir":
        await driver.mkdir(step.path);
        break;
      case "remove":
        await driver.remove(step.path, step.directory);
        break;
      case "rename":
        await driver.rename(step.path, step.to);
        break;
      case "truncate":
        await driver.fs.setattr((await driver.find(step.path)).ino, { size: step.size });
        break;
    }
    return "ok";
  } catch (thrown) {
    return errnoOf(thrown);
  }
}

export interface Seen {
  readonly path: string;
  readonly ino: number;
  readonly type: number;
  readonly size: number | undefined;
  readonly content: string | undefined;
}

export async function snapshot(driver: FsDriver, path = ""): Promise<Seen[]> {
  const seen: Seen[] = [];
  const { ino } = await driver.find(path);
  for (const { name, type, ino: child } of await driver.entries(ino, 100)) {
    const at = `${path}/${name}`;
    const isFile = type === 0o100000;
    const content = isFile ? Buffer.from(await driver.readIno(child)).toString("base64") : undefined;
    const size = isFile ? (await driver.fs.getattr(child)).size : undefined;
    seen.push({ path: at, ino: child, type, size, content });
    if (type === 0o040000) seen.push(...(await snapshot(driver, at)));
  }
  return seen.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
