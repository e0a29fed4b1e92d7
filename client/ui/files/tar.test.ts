// Our tar against tar-stream, both ways, and whole folders there and back.

import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import tar from "tar-stream";
import type { Header } from "tar-stream";
import * as Y from "yjs";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import type { JobHandle } from "#ui/kit/jobs.tsx";
import { packTar, unpackTar } from "./archive.ts";
import { readTar } from "./tar-reader.ts";
import { TarError, writeHeader } from "./tar.ts";

function idleJob(): JobHandle & { readonly stop: () => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    progress: () => undefined,
    end: () => undefined,
    stop: () => controller.abort(),
  };
}

const longName = `${"folder/".repeat(40)}naïve file – 名前.txt`;

function sample() {
  const project = new Project(new Y.Doc());
  const blobs = new MemoryBlobStore();
  const write = (path: string, content: string | Uint8Array): string =>
    project.writePath(path, typeof content === "string" ? new TextEncoder().encode(content) : content, blobs)
      .id;
  project.setAttributes(write("src/run.sh", "#!/bin/sh\r\necho hi\r\n"), {
    mode: 0o755,
    mtime: 1_600_000_000_123,
  });
  write("src/empty", "");
  write("src/\ufeffbom.txt", "\ufeffwith a mark");
  write(longName, "deep");
  write(
    "bytes.bin",
    Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256),
  );
  write("book.nb.md", "# Hi\n\n```sh\necho hi\n```\n");
  project.symlink(rootId, "link", `src/${"x".repeat(120)}`);
  project.mkdir(rootId, "nothing in it", 0o700);
  return { project, blobs };
}

async function facts(project: Project, blobs: MemoryBlobStore, under = ""): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  const visit = async (directory: string, path: string): Promise<void> => {
    for (const { id, name, kind, mode, mtime } of project.children(directory)) {
      const own = path === "" ? name : `${path}/${name}`;
      if (kind === "dir") {
        found.set(own, { mode, mtime });
        await visit(id, own);
      } else if (kind === "symlink") found.set(own, { target: project.target(id), mtime });
      else {
        const bytes = await project.readBytes(id, blobs);
        found.set(own, { kind, mode, mtime, bytes: Buffer.from(bytes).toString("base64") });
      }
    }
  };
  await visit(project.resolve(under)?.id ?? "", "");
  return found;
}

it("brings a folder back as it was: bytes, permission bits, times, links, names of any length", async () => {
  const { project, blobs } = sample();
  const archive = await packTar(project, blobs, rootId, "mine", idleJob());
  const other = new Project(new Y.Doc());
  const done = await unpackTar(other, blobs, rootId, archive, idleJob());
  expect(done.problems).toEqual([]);
  expect(done.files).toBe(7);
  expect(await facts(other, blobs, "mine")).toEqual(await facts(project, blobs));
  // Beside what is there, never over it.
  await unpackTar(other, blobs, rootId, archive, idleJob());
  expect(other.children(rootId).map(({ name }) => name)).toEqual(["mine", "mine (2)"]);
});

it("writes what tar-stream reads", async () => {
  const { project, blobs } = sample();
  const archive = await packTar(project, blobs, rootId, "mine", idleJob());
  const extract = tar.extract();
  const found = new Map<string, Header & { readonly length: number }>();
  extract.end(Buffer.from(await archive.arrayBuffer()));
  for await (const entry of extract) {
    let length = 0;
    for await (const chunk of entry) length += (chunk as Buffer).length;
    found.set(entry.header.name, { ...entry.header, length });
  }
  expect(found.get("mine/src/run.sh")).toMatchObject({ mode: 0o755, mtime: new Date(1_600_000_000_000) });
  expect(found.get(`mine/${longName}`)).toMatchObject({ length: 4 });
  expect(found.get("mine/link")).toMatchObject({ type: "symlink", linkname: `src/${"x".repeat(120)}` });
  expect(found.get("mine/bytes.bin")).toMatchObject({ length: 100_000 });
});

it("reads what tar-stream writes, also compressed, hard links and long names included", async () => {
  const pack = tar.pack();
  pack.entry({ name: "./a.txt", mode: 0o600, mtime: new Date(5000) }, "hello");
  pack.entry({ name: "b.txt", type: "link", linkname: "a.txt" });
  pack.entry({ name: "c", type: "symlink", linkname: "a.txt" });
  pack.entry({ name: "dev", type: "character-device" });
  pack.entry({ name: longName }, "deep");
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  const blobs = new MemoryBlobStore();
  for (const bytes of [Buffer.concat(chunks), gzipSync(Buffer.concat(chunks))]) {
    const project = new Project(new Y.Doc());
    const done = await unpackTar(project, blobs, rootId, new Blob([new Uint8Array(bytes)]), idleJob());
    expect(done).toMatchObject({ files: 4, problems: [] });
    const text = (path: string): string | undefined =>
      project.text(project.resolve(path)?.id ?? "")?.toJSON();
    expect(text("a.txt")).toBe("hello");
    expect(text("b.txt")).toBe("hello");
    expect(text(longName)).toBe("deep");
    expect(project.resolve("a.txt")).toMatchObject({ mode: 0o600, mtime: 5000 });
    expect(project.target(project.resolve("c")?.id ?? "")).toBe("a.txt");
  }
});

it("refuses what is no archive, what is cut off, and what leads out of itself", async () => {
  const read = async (bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    for await (const entry of readTar(new Blob([bytes]))) await entry.bytes();
  };
  await expect(read(new Uint8Array(1024).fill(65))).rejects.toThrow(TarError);
  const header = writeHeader({ path: "a", kind: "file", mode: 0o644, mtime: 0, size: 2000 });
  await expect(read(new Uint8Array(header))).rejects.toThrow("ends in the middle");
  const out = writeHeader({ path: "../a", kind: "file", mode: 0o644, mtime: 0, size: 0 });
  await expect(read(new Uint8Array(out))).rejects.toThrow("leads out");
  const damaged = new Uint8Array(header);
  damaged[0] = 90;
  await expect(read(damaged)).rejects.toThrow("damaged");
});

it("stops when it is told to", async () => {
  const { project, blobs } = sample();
  const job = idleJob();
  job.stop();
  await expect(packTar(project, blobs, rootId, "mine", job)).rejects.toThrow();
});
