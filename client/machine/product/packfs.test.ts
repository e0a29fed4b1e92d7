import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Header } from "tar-stream";
import { draftImage } from "#rootfs/image/draft.ts";
import { packImage } from "#rootfs/image/pack-image.ts";
import { Tree } from "#rootfs/userland/tree.ts";
import { Random } from "#test/harness/random.ts";
import { fileType, type Interrupt, openFlag } from "#machine/fs/fs.ts";
import { gunzip } from "./gunzip.ts";
import { type Manifest, readManifest, writeManifest } from "./manifest.ts";
import { PackFs } from "./packfs.ts";
import { packClosure } from "./pack-closure.ts";
import { PackStore } from "./pack-store.ts";
import { Unreachable } from "./unreachable.ts";

const never: Interrupt = { interrupted: false, on: () => () => {} };

const big = Buffer.from(new Random(1).bytes(3_000_000));

async function makeImage(): Promise<{
  manifest: Manifest;
  text: string;
  packs: Map<string, Buffer>;
  hot: readonly string[];
  cold: string;
}> {
  const tree = new Tree();
  tree.write("etc/hostname", "conch\n");
  tree.write("etc/copy", "conch\n", 0o600);
  tree.write("etc/empty", "");
  tree.write("data/big", big);
  tree.write("data/same", Buffer.from(big));
  tree.write("data/cold", Buffer.from(new Random(2).bytes(200_000)), 0o755);
  tree.symlink("etc/mtab", "../proc/self/mounts");
  tree.add({ name: "etc/linked", type: "link", linkname: "data/cold" } as Header, Buffer.alloc(0));
  tree.mkdir("tmp", 0o1777);
  const draft = draftImage(tree);
  const packs = new Map<string, Buffer>();
  const hotBlocks = draft.inodes.find((inode) => inode.size === big.length)?.blocks ?? [];
  const image = await packImage(draft, [hotBlocks], async (hash, packed) => void packs.set(hash, packed));
  const text = decodeUtf8(await gunzip(image.manifestFile)) ?? "";
  const manifest = readManifest(text);
  const cold = manifest.packs.findLast(() => true)?.hash ?? "";
  return { manifest, text, packs, hot: image.hot[0] ?? [], cold };
}

const image = await makeImage();

function open(
  source = (hash: string) => Promise.resolve<Uint8Array>(image.packs.get(hash) ?? new Uint8Array(0)),
  cacheBytes?: number,
) {
  const fetched: string[] = [];
  const store = new PackStore(
    image.manifest,
    (hash) => {
      fetched.push(hash);
      return source(hash);
    },
    cacheBytes,
  );
  const fs = new PackFs(image.manifest, store);
  const find = (path: string) =>
    path.split("/").reduce((at, name) => fs.lookup(at.ino, name), fs.getattr(fs.root));
  const read = async (path: string, offset = 0, count = 1 << 30) => {
    const data = await fs.open(find(path).ino, openFlag.readOnly).read(offset, count, never);
    return Buffer.from(data);
  };
  return { fs, store, fetched, find, read };
}

describe("the manifest", () => {
  it("[PACK-1] is refused in any other format or version", () => {
    expect(() => readManifest('{"format":"tar","version":1}')).toThrow("not a base image");
    expect(() => readManifest(image.text.replace('"version":1', '"version":2'))).toThrow("not a base image");
  });

  it("[PACK-2] comes back as it was written", () => {
    expect(readManifest(writeManifest(image.manifest))).toEqual(image.manifest);
    expect(writeManifest(image.manifest)).toBe(image.text);
  });

  it("[PACK-10] is refused where its numbers contradict each other", () => {
    const damage = (change: (wire: { [name: string]: never[] }) => void): string => {
      const wire = JSON.parse(image.text) as { [name: string]: never[] };
      change(wire);
      return JSON.stringify(wire);
    };
    const cases = [
      damage((wire) => wire["packs"]?.pop()),
      damage((wire) => wire["sizes"]?.pop()),
      damage((wire) => wire["directories"]?.pop()),
      damage((wire) => wire["targets"]?.pop()),
      damage((wire) => wire["runs"]?.splice(0, 2)),
      damage((wire) => wire["ownerTable"]?.pop()),
      damage((wire) => delete wire["links"]),
    ];
    for (const text of cases) expect(() => readManifest(text)).toThrow("manifest is damaged");
  });
});

describe("files", () => {
  it("[PACK-3] [PACK-5] have mode, owner, time and size", () => {
    const { find, fs } = open();
    expect(find("etc/copy")).toMatchObject({
      mode: fileType.regular | 0o600,
      uid: 0,
      gid: 0,
      size: 6,
      mtime: 0,
      nlink: 1,
    });
    expect(find("tmp")).toMatchObject({ mode: fileType.directory | 0o1777, nlink: 2 });
    expect(find("etc/mtab")).toMatchObject({ mode: fileType.symlink | 0o777, size: 19 });
    expect(fs.readlink(find("etc/mtab").ino)).toBe("../proc/self/mounts");
    expect(() => fs.readlink(find("etc").ino)).toThrow("EINVAL");
  });

  it("[PACK-4] [PACK-15] are listed in order, in pieces, with hard links as one inode", () => {
    const { find, fs } = open();
    const etc = find("etc").ino;
    const names = fs.readdir(etc, 0, 100).map(({ name }) => name);
    expect(names).toEqual(["copy", "empty", "hostname", "mtab", "linked"]);
    const [first, second] = [fs.readdir(etc, 0, 2), fs.readdir(etc, 2, 100)];
    expect([...first, ...second].map(({ name }) => name)).toEqual(names);
    expect(first.at(-1)?.next).toBe(2);
    expect(find("etc/linked")).toEqual(find("data/cold"));
    expect(find("etc/linked").nlink).toBe(2);
    expect(fs.parent(etc)).toBe(fs.root);
    expect(fs.parent(fs.root)).toBe(fs.root);
  });

  it("[PACK-6] [PACK-7] read as they were, whatever the offset, equal ones stored once", async () => {
    const { read, find } = open();
    expect((await read("data/big")).equals(big)).toBe(true);
    expect((await read("data/same")).equals(big)).toBe(true);
    expect(image.manifest.inodes[find("data/big").ino - 1]?.blocks).toEqual(
      image.manifest.inodes[find("data/same").ino - 1]?.blocks,
    );
    for (const [offset, count] of [
      [0, 1],
      [65_535, 2],
      [65_536, 65_536],
      [1_000_000, 300_001],
      [2_999_999, 10],
      [3_000_000, 5],
    ] as const)
      expect((await read("data/big", offset, count)).equals(big.subarray(offset, offset + count))).toBe(true);
    expect((await read("etc/empty")).length).toBe(0);
    expect((await read("etc/hostname")).toString()).toBe("conch\n");
  });

  it("[PACK-14] cannot be changed and are not shared", () => {
    const { fs, find } = open();
    expect(() => fs.open(find("etc/copy").ino, openFlag.readWrite)).toThrow("EROFS");
    for (const change of [
      () => fs.mkdir(),
      () => fs.create(),
      () => fs.unlink(),
      () => fs.rename(),
      () => fs.setattr(),
    ])
      expect(change).toThrow("EROFS");
    expect(find("etc/copy").shared).toBe(false);
  });

  it("answers with the errno of what is wrong", () => {
    const { fs, find } = open();
    expect(() => find("etc/none")).toThrow("ENOENT");
    expect(() => fs.lookup(find("etc/copy").ino, "x")).toThrow("ENOTDIR");
    expect(() => fs.getattr(1_000_000)).toThrow("ESTALE");
    expect(() => fs.open(find("etc").ino, openFlag.readOnly)).toThrow("EISDIR");
  });
});

describe("packs", () => {
  it("[PACK-8] [PACK-9] are named by the hash of their bytes", () => {
    for (const [hash, packed] of image.packs)
      expect(createHash("sha256").update(packed).digest("hex")).toBe(hash);
    expect(image.manifest.packs.map(({ bytes }) => bytes)).toEqual(
      image.manifest.packs.map(({ hash }) => image.packs.get(hash)?.length),
    );
  });

  it("[PACK-9] that arrive damaged are EIO", async () => {
    const damaged = open(() => Promise.resolve(encodeUtf8("no pack")));
    await expect(damaged.read("etc/copy")).rejects.toThrow("EIO: pack");
    const swapped = open(() => Promise.resolve(gzipSync("other")));
    await expect(swapped.read("etc/copy")).rejects.toThrow("arrived damaged");
  });

  it("[PACK-11] that are resident answer at once", async () => {
    const { fs, find, read } = open();
    const file = fs.open(find("etc/copy").ino, openFlag.readOnly);
    expect(file.read(0, 10, never)).toBeInstanceOf(Promise);
    await read("etc/copy");
    expect(file.read(0, 10, never)).toEqual(encodeUtf8("conch\n"));
  });

  it("[PACK-12] are fetched once for many who wait, and again after a failure", async () => {
    let fails = true;
    const machine = open((hash) =>
      fails
        ? Promise.reject(new Error("offline"))
        : Promise.resolve(image.packs.get(hash) ?? new Uint8Array(0)),
    );
    const failed = await Promise.allSettled([machine.read("etc/copy"), machine.read("etc/hostname")]);
    for (const result of failed) {
      expect(result.status === "rejected" && result.reason instanceof FsError && result.reason.code).toBe(
        "EIO",
      );
      expect(result.status === "rejected" && String(result.reason)).toContain("offline");
    }
    expect(machine.fetched.length).toBe(1);
    fails = false;
    await Promise.all([machine.read("etc/copy"), machine.read("etc/hostname")]);
    expect(machine.fetched.length).toBe(2);
  });

  it("[PACK-13] leave in the order of their last use", async () => {
    const { store, read, fetched } = open(undefined, 1_500_000);
    await read("data/big", 0, 10);
    await read("etc/copy");
    await read("data/big", 0, 10);
    await read("data/big", 1_500_000, 10);
    expect(fetched.length).toBe(3);
    expect(store.residentBytes).toBeLessThanOrEqual(1_500_000);
    await read("data/big", 1_500_000, 10);
    expect(fetched.length).toBe(3);
    await read("etc/copy");
    expect(fetched.length).toBe(4);
  });

  it("[PACK-12] that arrive damaged are asked for anew once, past whatever keeps them", async () => {
    const asked: boolean[] = [];
    const store = new PackStore(image.manifest, (hash, fresh) => {
      asked.push(fresh);
      return Promise.resolve(fresh ? (image.packs.get(hash) ?? new Uint8Array(0)) : encodeUtf8("<html>"));
    });
    const fs = new PackFs(image.manifest, store);
    const { ino } = fs.lookup(fs.lookup(fs.root, "etc").ino, "copy");
    expect(await fs.open(ino, openFlag.readOnly).read(0, 10, never)).toEqual(encodeUtf8("conch\n"));
    expect(asked).toEqual([false, true]);
  });

  it("[PACK-16] of an open file are all at hand before it is used, and stay so until it is closed", async () => {
    const { fs, store, find, read, fetched } = open(undefined, 1_500_000);
    const file = fs.open(find("data/big").ino, openFlag.readOnly);
    await file.ready?.();
    const { length } = fetched;
    expect(store.residentBytes).toBeGreaterThan(1_500_000);
    await read("etc/copy");
    for (const offset of [0, 1_500_000, 2_999_990])
      expect(file.read(offset, 10, never)).not.toBeInstanceOf(Promise);
    expect(fetched.length).toBe(length + 1);
    await file.close();
    expect(store.residentBytes).toBeLessThanOrEqual(1_500_000);
  });

  it("[PACK-16] [PACK-17] that cannot be had are ENETUNREACH when the file is opened, and named", async () => {
    const told: unknown[] = [];
    const store = new PackStore(image.manifest, () => Promise.reject(new Unreachable("no line", undefined)));
    const fs = new PackFs(image.manifest, store, {
      fetching: ({ path }, loaded, total) => told.push([path, loaded, total > 0]),
      missing: ({ path, program }, { code }, started) => told.push([path, program, code, started]),
    });
    const { ino } = fs.lookup(fs.lookup(fs.root, "data").ino, "cold");
    const file = fs.open(ino, openFlag.readOnly);
    await expect(file.ready?.()).rejects.toThrow("ENETUNREACH: no line");
    await expect(file.read(0, 10, never)).rejects.toThrow("ENETUNREACH");
    expect(told).toEqual([
      ["/data/cold", 0, true],
      ["/data/cold", true, "ENETUNREACH", false],
      ["/data/cold", true, "ENETUNREACH", true],
    ]);
  });

  it("[PACK-16] the files that some packs are a part of are whole with their closure", () => {
    const [first = ""] = image.hot;
    const closure = new Set(packClosure(image.manifest, [first]));
    for (const hash of image.hot) expect(closure.has(hash)).toBe(true);
    expect(closure.has(image.cold)).toBe(false);
  });

  it("can be fetched ahead, those of the trace first in the image", async () => {
    const { store, fetched, fs, find } = open();
    await store.prefetch([...image.hot, "0".repeat(64)]);
    expect(fetched).toEqual(image.hot);
    expect(image.manifest.packs.slice(0, image.hot.length).map(({ hash }) => hash)).toEqual(image.hot);
    expect(fs.open(find("data/big").ino, openFlag.readOnly).read(0, 10, never)).not.toBeInstanceOf(Promise);
    expect(image.hot).not.toContain(image.cold);
  });
});
