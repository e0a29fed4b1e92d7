// A guest for tests of /project: runs shell scripts in it, beside a Project that plays the colleague.
// Knows nothing of what the scripts prove.

import { setImmediate as turn } from "node:timers/promises";
import * as Y from "yjs";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import type { Entry } from "#core/project/project.ts";
import type { TaskSpec } from "#core/machine/machine.ts";
import { createNodeMachine, type NodeMachine } from "#machine/node.ts";
import { buildGuest } from "#rootfs/build.ts";

/** A first start may have to build the guest, where CONCH_TEST_GUEST does not name one. */
export const startLimit = 1_200_000;

/** Ends a story that hangs: a busy test machine starves its guests for minutes. */
export const storyLimit = 600_000;

const identity = {
  GIT_AUTHOR_NAME: "Ana",
  GIT_AUTHOR_EMAIL: "ana@example.org",
  GIT_COMMITTER_NAME: "Ana",
  GIT_COMMITTER_EMAIL: "ana@example.org",
};

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class PosixGuest {
  readonly machine: NodeMachine;
  readonly project: Project;
  readonly blobs: MemoryBlobStore;
  /** What could not be saved, which no test expects. */
  readonly complaints: string[] = [];
  #line: Line | undefined;

  private constructor(product: string, project: Project, blobs: MemoryBlobStore) {
    this.project = project;
    this.blobs = blobs;
    this.machine = createNodeMachine({
      product,
      project,
      blobs,
      onConsole: (line) => {
        if (line.startsWith("conch:") || line.includes("9p")) this.complaints.push(line);
      },
    });
  }

  /** With a colleague, both have the same project. Whatever a script wrote, the other has when it has run. */
  static async start(colleague?: PosixGuest): Promise<PosixGuest> {
    const doc = new Y.Doc();
    const guest = new PosixGuest(
      process.env["CONCH_TEST_GUEST"] ?? (await buildGuest()),
      new Project(doc),
      colleague?.blobs ?? new MemoryBlobStore(),
    );
    if (colleague !== undefined) guest.#line = colleague.#line = new Line(colleague.project.doc, doc);
    await guest.machine.start();
    return guest;
  }

  stop(): Promise<void> {
    return this.machine.dispose();
  }

  /** Runs a bash script in a folder of /project, which is made. */
  async sh(folder: string, script: string, spec: Partial<TaskSpec> = {}): Promise<Ran> {
    const printed = { out: "", err: "" };
    const task = await this.machine.spawn(
      {
        argv: [
          "bash",
          "-c",
          `mkdir -p '/project/${folder}' && cd '/project/${folder}' || exit 99\n${script}`,
        ],
        env: identity,
        ...spec,
      },
      { output: (fd, data) => void (printed[fd === 1 ? "out" : "err"] += decodeUtf8Lossy(data)) },
    );
    const { code, error } = await task.exit;
    await this.#line?.quiet();
    return { code, out: printed.out, err: error ?? printed.err };
  }

  /** As `sh` with `set -e`: what it printed; throws where it fails. */
  async ok(folder: string, script: string, spec: Partial<TaskSpec> = {}): Promise<string> {
    const { code, out, err } = await this.sh(folder, `set -e\n${script}`, spec);
    if (code !== 0) throw new Error(`${folder}: exit ${code}\n${out}\n${err}`);
    return out;
  }

  /** A Python program in a folder of /project, in an interpreter that already runs: what it printed. */
  async python(folder: string, program: string): Promise<string> {
    let out = "";
    const source = `import os; os.makedirs("/project/${folder}", exist_ok=True); os.chdir("/project/${folder}")\n${program}`;
    const run = await this.machine.runCell(
      { kind: "python", session: "posix", source, tty: { cols: 200, rows: 50 } },
      { output: (_fd, data) => void (out += decodeUtf8Lossy(data)) },
    );
    const { code, error } = await run.exit;
    out = out.replaceAll("\r\n", "\n");
    if (code !== 0) throw new Error(`${folder}: exit ${code} ${error ?? ""}\n${out}`);
    return out;
  }

  entry(path: string): Entry {
    const entry = this.project.resolve(path);
    if (entry === undefined) throw new Error(`${path} is not in the project`);
    return entry;
  }

  /** What a colleague's editor shows. */
  text(path: string): Y.Text {
    const text = this.project.text(this.entry(path).id);
    if (text === undefined) throw new Error(`${path} is no text`);
    return text;
  }

  /** What a colleague makes. */
  write(path: string, content: string): Entry {
    return this.project.writePath(path, new TextEncoder().encode(content), this.blobs);
  }

  /** What a colleague can read, once the guest has closed the file. */
  async read(path: string): Promise<Uint8Array> {
    return this.project.readBytes(this.entry(path).id, this.blobs);
  }

  names(path: string): string[] {
    const directory = path === "" ? rootId : this.entry(path).id;
    return this.project.children(directory).map(({ name }) => name);
  }
}

/** Two replicas of a document, each of which hears of the other's changes a moment later, as over a network. */
class Line {
  #underWay = 0;

  constructor(a: Y.Doc, b: Y.Doc) {
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a), this);
    this.#carry(a, b);
    this.#carry(b, a);
  }

  /** Settles when each has what the other had when it was asked. */
  async quiet(): Promise<void> {
    while (this.#underWay > 0) await turn();
  }

  #carry(from: Y.Doc, to: Y.Doc): void {
    from.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      this.#underWay++;
      setImmediate(() => {
        this.#underWay--;
        Y.applyUpdate(to, update, this);
      });
    });
  }
}
