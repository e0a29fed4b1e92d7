// Measures the project document by itself: joining a large project, what it takes in memory, and what saves cost on the
// wire and in the document. No guest and no browser; the joins are over a real server.

import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { TextBase } from "#core/text/text-base.ts";
import { Project, rootId } from "#core/project/project.ts";
import { TestServer } from "#test/harness/server.ts";
import { openSession } from "#test/harness/session.ts";
import { until } from "#test/harness/until.ts";
import { type Line, median } from "./table.ts";

const sizes = [100, 1_000, 10_000] as const;
/** 25 MB in 10,000 files. */
const fileLength = 2_500;
const filesPerFolder = 100;
const saves = 500;
const savedFile = 100_000;
/** ms: nothing takes as long on any machine. */
const limit = 120_000;

/** As source code is: lines that are alike and not the same. */
function source(serial: number, length: number): string {
  let text = "";
  for (let line = 0; text.length < length; line++)
    text += `  const value${serial}_${line} = compute(${(serial * 31 + line * 17) % 9973}, "name ${line}");\n`;
  return text.slice(0, length - 1) + "\n";
}

function fill(project: Project, files: number): void {
  project.transact(() => {
    let folder = rootId;
    for (let serial = 0; serial < files; serial++) {
      if (serial % filesPerFolder === 0) folder = project.mkdir(rootId, `folder-${serial}`).id;
      project.createText(folder, `file-${serial}.ts`, source(serial, fileLength));
    }
  });
}

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** Of some goes, so that one pause for garbage does not count. */
function typical(work: () => void): number {
  return median(Array.from({ length: 5 }, () => timed(work)));
}

export async function measureDocument(): Promise<readonly Line[]> {
  return [...(await measureJoin()), ...measureMemory(), ...measureSaves(), ...measureDocumentGrowth()];
}

/** A participant who comes new, against the same bytes as one download. */
async function measureJoin(): Promise<Line[]> {
  const server = await TestServer.start();
  try {
    const project = await server.createProject();
    const first = openSession(server, project, "first");
    await first.synced;
    fill(first.project, sizes[2]);
    await until("all of it is at the server", () => first.unsaved === 0, limit);
    const started = performance.now();
    const second = openSession(server, project, "second");
    await second.synced;
    await until("it has every file", () => second.project.nodeCount >= sizes[2], limit);
    const join = performance.now() - started;
    const { length } = Y.encodeStateAsUpdate(first.doc);
    const ref = first.blobs.put(randomBytes(length));
    await until("the blob is at the server", () => first.unsaved === 0, limit);
    const asked = performance.now();
    await second.blobs.get(ref);
    const download = performance.now() - asked;
    second.destroy();
    first.destroy();
    return [
      {
        what: "join a project of 10,000 files, 25 MB",
        measured: join,
        against: "download as many bytes",
        reference: download,
      },
    ];
  } finally {
    await server.stop();
  }
}

/** What a replica takes, per file, against the file's text. */
function measureMemory(): Line[] {
  setFlagsFromString("--expose_gc");
  const collect = runInNewContext("gc") as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const origin = new Project(new Y.Doc());
  fill(origin, sizes[2]);
  const update = Y.encodeStateAsUpdate(origin.doc);
  origin.doc.destroy();
  const before = used();
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  const project = new Project(doc);
  const perFile = (used() - before) / project.nodeCount;
  return [
    {
      what: "memory for a file, of 10,000",
      measured: perFile,
      against: "its text",
      reference: fileLength,
      unit: "bytes",
    },
  ];
}

/** A program that saves a file again and again, one line changed each time. */
function measureSaves(): Line[] {
  const project = new Project(new Y.Doc());
  const blobs = new MemoryBlobStore();
  let text = source(1, savedFile);
  const { id } = project.createText(rootId, "saved.ts", text);
  const before = Y.encodeStateAsUpdate(project.doc).length;
  let wire = 0;
  project.doc.on("update", (update: Uint8Array) => (wire += update.length));
  const lines = text.split("\n");
  const time = timed(() => {
    for (let save = 0; save < saves; save++) {
      const at = (save * 37) % lines.length;
      lines[at] = `  const changed${save} = ${save * 7919};`;
      text = lines.join("\n");
      const shared = project.text(id);
      if (shared === undefined) throw new Error("invariant violation: it is a text");
      const base = new TextBase(shared);
      project.writeBytes(id, encodeUtf8(text), blobs, base);
      base.dispose();
    }
  });
  const grown = Y.encodeStateAsUpdate(project.doc).length - before;
  const whole = typical(() => void encodeUtf8(text));
  return [
    {
      what: "500 saves of one line in 100 kB, on the wire",
      measured: wire,
      against: "500 whole files",
      reference: saves * savedFile,
      unit: "bytes",
    },
    {
      what: "500 saves of one line in 100 kB, in the document",
      measured: grown,
      against: "the file",
      reference: savedFile,
      unit: "bytes",
    },
    {
      what: "one of these saves",
      measured: time / saves,
      against: "encode the file",
      reference: whole,
    },
  ];
}

/** Per file, so that what does not grow has the ratio 1. */
function measureDocumentGrowth(): Line[] {
  const measured = sizes.map((files) => {
    const project = new Project(new Y.Doc());
    fill(project, files);
    const update = Y.encodeStateAsUpdate(project.doc);
    const load = typical(() => void new Project(loaded(update)));
    let serial = 0;
    const create = typical(() => {
      for (let count = 0; count < 20; count++) project.createText(rootId, `more-${serial++}`, "text\n");
    });
    return { files, load: load / files, create: create / 20 };
  });
  const [small, ...larger] = measured;
  if (small === undefined) return [];
  return larger.flatMap(({ files, load, create }) => {
    const of = `of ${files.toLocaleString("en")}`;
    return [
      { what: `load a file, ${of}`, measured: load, against: "of 100", reference: small.load },
      {
        what: `create a file in a project ${of}`,
        measured: create,
        against: "of 100",
        reference: small.create,
      },
    ];
  });
}

function loaded(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc;
}
