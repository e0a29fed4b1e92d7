// When a guest's kernel may trust what it knows of /project: SPEC.md [SY-17].

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import { FsDriver, neverInterrupted } from "#test/contracts/fs.ts";
import { type Fs, openFlag } from "../fs.ts";
import { SyncFs } from "./sync-fs.ts";

const blobs = new MemoryBlobStore();

/** Whoever calls the methods of this, or of the open files that they give, is the guest. */
function asGuest<T extends object>(sync: SyncFs, whole: T): T {
  return new Proxy(whole, {
    get: (target, name) => {
      const part: unknown = Reflect.get(target, name);
      if (name === "file" && typeof part === "object" && part !== null) return asGuest(sync, part);
      if (typeof part !== "function") return part;
      return (...args: readonly unknown[]): unknown => {
        const result: unknown = sync.leaseholder(() => Reflect.apply(part, target, args) as unknown);
        const givesFile = name === "open" || name === "create";
        return givesFile && typeof result === "object" && result !== null ? asGuest(sync, result) : result;
      };
    },
  });
}

class Guest extends FsDriver {
  readonly sync: SyncFs;
  readonly project: Project;

  constructor(project = new Project(new Y.Doc())) {
    const sync = new SyncFs({ project, blobs });
    super(asGuest<Fs>(sync, sync));
    this.sync = sync;
    this.project = project;
  }

  /** Whether the lease has ended by this. */
  async ends(work: () => unknown): Promise<boolean> {
    const before = this.sync.lease();
    await work();
    return this.sync.lease() !== before;
  }
}

describe("[SY-17] a lease", () => {
  it("outlives what the guest does itself", async () => {
    const guest = new Guest();
    expect((await guest.find("")).leased).toBe(true);
    const steps: readonly (readonly [string, () => unknown])[] = [
      ["mkdir", () => guest.mkdir("d")],
      ["write a text", () => guest.write("d/f", "text\n")],
      ["write bytes", () => guest.write("d/b", new Uint8Array([0, 255]))],
      ["rename", () => guest.rename("d/f", "d/g")],
      ["rename a directory", () => guest.rename("d", "e")],
      ["truncate", async () => guest.fs.setattr((await guest.find("e/g")).ino, { mode: 0o600, size: 2 })],
      ["list", () => guest.list("e")],
      ["remove a text", () => guest.remove("e/g")],
      ["remove bytes", () => guest.remove("e/b")],
      ["remove a directory", () => guest.remove("e", true)],
    ];
    const ended: string[] = [];
    for (const [what, work] of steps) if (await guest.ends(work)) ended.push(what);
    expect(ended).toEqual([]);
  });

  it("ends with whatever a colleague does", async () => {
    const guest = new Guest();
    const doc = new Y.Doc();
    const colleague = new Project(doc);
    const told = (work: () => void) => (): void => {
      work();
      Y.applyUpdate(
        guest.project.doc,
        Y.encodeStateAsUpdate(doc, Y.encodeStateVector(guest.project.doc)),
        "remote",
      );
    };
    expect(await guest.ends(told(() => colleague.createText(rootId, "f", "one\n")))).toBe(true);
    const id = colleague.resolve("f")?.id ?? "";
    expect(await guest.ends(told(() => colleague.text(id)?.insert(0, "zero\n")))).toBe(true);
    expect(await guest.ends(told(() => colleague.setAttributes(id, { mode: 0o600 })))).toBe(true);
    expect(await guest.ends(told(() => colleague.trash(id)))).toBe(true);
  });

  it("outlives a save that becomes an edit of the file that was there, under the number that was renamed", async () => {
    const guest = new Guest();
    await guest.write("f", "one\n");
    const { ino } = await guest.write("f.new", "two\n");
    const temporary = await guest.fs.open(ino, openFlag.writeOnly);
    expect(await guest.ends(() => guest.rename("f.new", "f"))).toBe(false);
    expect((await guest.find("f")).ino).toBe(ino);
    expect(await guest.fs.readdir(guest.fs.root, 0, 9)).toMatchObject([{ name: "f", ino }]);
    expect(await guest.ends(() => temporary.write(4, encodeUtf8("three\n"), neverInterrupted))).toBe(false);
    expect(await guest.ends(() => temporary.close())).toBe(false);
    expect(await guest.read("f")).toBe("two\nthree\n");
  });

  it("ends where a save becomes an edit of a file that is open", async () => {
    const guest = new Guest();
    const { ino } = await guest.write("f", "one\n");
    const reader = await guest.fs.open(ino, openFlag.readOnly);
    await guest.write("f.new", "two\n");
    const temporary = await guest.fs.open((await guest.find("f.new")).ino, openFlag.writeOnly);
    expect(await guest.ends(() => guest.rename("f.new", "f"))).toBe(true);
    // The kernel takes this for a write to another file.
    expect(await guest.ends(() => temporary.write(4, encodeUtf8("three\n"), neverInterrupted))).toBe(true);
    await temporary.close();
    await reader.close();
    expect((await guest.fs.getattr(ino)).size).toBe(10);
    // An editor's backup: the number goes with the name.
    await guest.rename("f", "f~");
    expect(await guest.ends(() => guest.write("f", "four\n"))).toBe(true);
  });

  it("ends where removing a file shows another under its name", async () => {
    const [a, b] = [new Guest(), new Guest()];
    await a.write("f", "a");
    await b.write("f", "b");
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const)
      Y.applyUpdate(to.project.doc, Y.encodeStateAsUpdate(from.project.doc), "remote");
    expect(await a.list("")).toHaveLength(2);
    expect(await a.ends(() => a.remove("f"))).toBe(true);
    expect(await a.list("")).toEqual(["f"]);
  });

  it("ends where a commit is not what the program wrote", async () => {
    const guest = new Guest();
    await guest.write("f", "one\n");
    const file = await guest.fs.open((await guest.find("f")).ino, openFlag.writeOnly);
    await file.write(0, encodeUtf8("ONE\n"), neverInterrupted);
    const text = guest.project.text(guest.project.resolve("f")?.id ?? "");
    text?.insert(4, "two\n");
    expect(await guest.ends(() => file.close())).toBe(true);
    expect(await guest.read("f")).toBe("ONE\ntwo\n");
  });

  it("ends with what a program beside the guest does", async () => {
    const guest = new Guest();
    await guest.write("f", "one\n");
    expect(await guest.ends(() => guest.sync.mkdir(guest.sync.root, "d", 0o755))).toBe(true);
    const file = await guest.sync.open((await guest.find("f")).ino, openFlag.writeOnly);
    expect(await guest.ends(() => file.write(4, encodeUtf8("two\n"), neverInterrupted))).toBe(true);
    expect(await guest.ends(() => file.close())).toBe(true);
  });

  it("is not given for what is not shared", async () => {
    const guest = new Guest();
    await guest.mkdir("node_modules");
    expect(await guest.find("node_modules")).toMatchObject({ shared: true });
    expect((await guest.find("node_modules")).leased).toBeUndefined();
  });
});
