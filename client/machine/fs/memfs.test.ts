import { expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { expectErrno, fsContract, neverInterrupted } from "#test/contracts/fs.ts";
import { Allowance } from "./allowance.ts";
import { openFlag } from "./fs.ts";
import { MemFs } from "./memfs.ts";

const traits = { nanoseconds: true, hardLinks: true, specialFiles: true, xattrs: true, owners: true };

fsContract("memfs", traits, () => ({ fs: new MemFs() }));
fsContract("shared memfs with other inode numbers", traits, () => ({
  fs: new MemFs({ shared: true, firstIno: 2 ** 20 }),
}));

it("holds no more than its allowance, and takes back what is freed", async () => {
  const allowance = new Allowance(100_000);
  const fs = new MemFs({ allowance });
  const { file } = fs.create(fs.root, "big", openFlag.readWrite, 0o644);
  await file.write(0, new Uint8Array(90_000), neverInterrupted);
  await expectErrno("ENOSPC", () => file.write(90_000, new Uint8Array(50_000), neverInterrupted));
  fs.unlink(fs.root, "big", false);
  expect(allowance.used).toBeGreaterThan(0);
  await file.close();
  expect(allowance.used).toBe(0);
});

it("stays linear when a file grows by many small appends", async () => {
  const fs = new MemFs();
  const { attributes, file } = fs.create(fs.root, "log", openFlag.writeOnly | openFlag.append, 0o644);
  for (let index = 0; index < 20_000; index++) await file.write(0, encodeUtf8("line\n"), neverInterrupted);
  await file.close();
  expect(fs.getattr(attributes.ino).size).toBe(100_000);
});
