import { expect, it } from "vitest";
import { FsDriver } from "#test/contracts/fs.ts";
import { attempt } from "#test/contracts/random-files.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import { Overlay } from "#machine/fs/overlay.ts";
import { decodeOverlayState } from "#machine/fs/overlay-state.ts";
import { contradictsSnapshot } from "./kept-overlay.ts";

async function contradicts(change: (driver: FsDriver) => Promise<unknown>): Promise<boolean> {
  const base = new MemFs();
  const lower = new FsDriver(base);
  for (const folder of ["bin", "root", "etc"]) await lower.mkdir(folder);
  for (const file of ["bin/bash", "bin/ls", "etc/hosts"]) await lower.write(file, file);
  const held = await Promise.all(["", "bin", "bin/bash", "root"].map((path) => lower.find(path)));
  const overlay = new Overlay(base);
  await change(new FsDriver(overlay));
  const fids = held.map(({ ino }, fid) => ({ fid, ino }));
  return await contradictsSnapshot(decodeOverlayState(overlay.exportState()), fids, base);
}

function rewrite(driver: FsDriver, path: string): Promise<string> {
  return attempt(driver, { kind: "write", path, at: 0, text: "other" });
}

it("goes on from a snapshot over files that it has not in use", async () => {
  expect(await contradicts(() => Promise.resolve())).toBe(false);
  expect(await contradicts((driver) => driver.write("root/x", "x"))).toBe(false);
  expect(await contradicts((driver) => rewrite(driver, "etc/hosts"))).toBe(false);
  expect(await contradicts((driver) => driver.remove("bin/ls"))).toBe(false);
  expect(await contradicts((driver) => driver.mkdir("bin/more"))).toBe(false);
});

it("boots over other content, or another file, in the place of one that is in use", async () => {
  expect(await contradicts((driver) => rewrite(driver, "bin/bash"))).toBe(true);
  expect(await contradicts((driver) => driver.remove("bin/bash"))).toBe(true);
  expect(await contradicts((driver) => driver.rename("bin/ls", "bin/bash"))).toBe(true);
  expect(await contradicts((driver) => driver.rename("bin", "sbin"))).toBe(true);
});
