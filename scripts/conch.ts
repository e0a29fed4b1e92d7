// The headless participant: `npm run conch -- exec … -- COMMAND` runs a command in a machine of its own, in /project of
// a fresh project or of one that it joins. Its output, input, signals and exit code are the command's.

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { can } from "#core/auth/role.ts";
import { FsError } from "#core/base/errno.ts";
import { type BlobStore, MemoryBlobStore } from "#core/project/blobs.ts";
import { blobLimit, fileLimitWords } from "#core/project/limits.ts";
import { Project } from "#core/project/project.ts";
import type { OutputFd, Task } from "#core/machine/machine.ts";
import { createNodeMachine, type NodeMachine } from "#machine/node.ts";
import { buildGuest } from "#rootfs/build.ts";
import { newIdentity, renamed } from "#sync/person.ts";
import { Session } from "#sync/session.ts";
import { type ExecPlan, type JoinAddress, parseCommand, type Upload, UsageError } from "./conch-arguments.ts";

/** How long the server may take to let us in, and to write down the last changes. */
const joinLimitMilliseconds = 20_000;
const saveLimitMilliseconds = 20_000;

/** Exit codes of our own failures, as env(1) and ssh(1) have them: the command's own are passed on. */
const failureCode = 255;
const usageCode = 2;

/** The project to work in, and how it is left. */
interface Workplace {
  readonly project: Project;
  readonly blobs: BlobStore;
  /** Settles when everything is saved where it belongs; rejects with a sentence where that takes too long. */
  readonly leave: () => Promise<void>;
}

const signals = { SIGINT: "INT", SIGTERM: "TERM", SIGHUP: "HUP" } as const;

async function exec(plan: ExecPlan): Promise<number> {
  let task: Task | undefined;
  for (const [name, signal] of Object.entries(signals))
    process.on(name, () => {
      // Before the command runs there is nothing to hand the signal to.
      if (task === undefined) process.exit(failureCode);
      void task.signal(signal).catch(() => undefined);
    });

  const place = plan.join === undefined ? fresh() : await joined(plan.join);
  for (const upload of plan.puts) await put(place, upload);
  const machine = createNodeMachine({
    product: await buildGuest(),
    project: place.project,
    blobs: place.blobs,
    ...(plan.memoryBytes === undefined ? {} : { memory: plan.memoryBytes }),
    ...(plan.verbose ? { onConsole: (line: string) => process.stderr.write(`guest: ${line}\n`) } : {}),
  });
  try {
    task = await machine.spawn({ argv: plan.argv }, { output: writeOut });
    pumpInput(task);
    const { code, error } = await task.exit;
    if (error !== undefined) process.stderr.write(`conch: ${error}\n`);
    return code;
  } finally {
    await finish(machine, place);
  }
}

async function finish(machine: NodeMachine, place: Workplace): Promise<void> {
  machine.flush();
  await place.leave();
  await machine.dispose();
}

function fresh(): Workplace {
  return { project: new Project(new Y.Doc()), blobs: new MemoryBlobStore(), leave: () => Promise.resolve() };
}

/** Asks over plain HTTP first: it says at once, and in a sentence, what is wrong. */
async function checkAddress({ server, projectId, token }: JoinAddress): Promise<void> {
  const response = await fetch(`${server}/api/projects/${encodeURIComponent(projectId)}`, {
    headers: { Authorization: `Bearer ${token}` },
  }).catch(() => {
    throw new UsageError(`The server at ${server} cannot be reached.`);
  });
  if (response.ok) return;
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  throw new UsageError(error ?? `The server at ${server} refuses (status ${response.status}).`);
}

async function joined(address: JoinAddress): Promise<Workplace> {
  const { server, projectId, token } = address;
  await checkAddress(address);
  const person = renamed(newIdentity(), "Headless");
  const session = new Session({ server, projectId, token, person, WebSocket });
  // Lines break and come back; only a refusal, or a long silence, is final.
  await new Promise<void>((resolve, reject) => {
    const silence = new UsageError(`The server at ${server} did not answer.`);
    const timer = setTimeout(() => reject(silence), joinLimitMilliseconds);
    session.synced.then(resolve, (refusal: Error) => reject(new UsageError(refusal.message)));
    session.synced.finally(() => clearTimeout(timer)).catch(() => undefined);
  });
  const { role } = session;
  if (role !== undefined && !can(role, "edit"))
    process.stderr.write(
      "conch: this link only lets you read: what the command writes to /project stays here.\n",
    );
  session.setState("machine", "running");
  return {
    project: session.project,
    blobs: session.blobs,
    leave: async () => {
      const saved = role !== undefined && !can(role, "edit") ? true : await allSaved(session);
      const { unsaved } = session;
      session.destroy();
      if (!saved)
        throw new UsageError(`${unsaved} changes did not reach the server at ${server}: they are lost.`);
    },
  };
}

function allSaved(session: Session): Promise<boolean> {
  if (session.unsaved === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), saveLimitMilliseconds);
    session.onUnsaved((unsaved) => {
      if (unsaved > 0) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** A file, or a folder with everything in it. */
async function put({ project, blobs }: Workplace, { local, path }: Upload): Promise<void> {
  const target = path.endsWith("/") ? `${path}${basename(local)}` : path;
  const found = await stat(local).catch(() => undefined);
  if (found === undefined)
    throw new UsageError(`${local} does not exist, so it cannot be put into the project.`);
  if (found.isDirectory()) {
    for (const name of await readdir(local))
      await put({ project, blobs } as Workplace, { local: join(local, name), path: `${target}/${name}` });
    return;
  }
  if (found.size > blobLimit)
    throw new UsageError(`${local} is too large to be put into the project: ${fileLimitWords}.`);
  const entry = project.writePath(target, new Uint8Array(await readFile(local)), blobs);
  if ((found.mode & 0o111) !== 0) project.setAttributes(entry.id, { mode: found.mode & 0o777 });
}

/** Settles when the other side of our output has taken it. */
function writeOut(fd: OutputFd, data: Uint8Array): Promise<void> {
  const stream = fd === 1 ? process.stdout : process.stderr;
  return new Promise((resolve) => {
    // A reader that has gone (`| head`) is told to the program by the error handler below.
    stream.write(data, () => resolve());
  });
}

function pumpInput(task: Task): void {
  const gone = (): void => void task.signal("PIPE").catch(() => undefined);
  process.stdout.on("error", gone);
  process.stdin.on("data", (data: Buffer) => {
    process.stdin.pause();
    // The program may have ended meanwhile.
    task.write(new Uint8Array(data)).then(
      () => process.stdin.resume(),
      () => undefined,
    );
  });
  process.stdin.on("end", () => void task.eof().catch(() => undefined));
  process.stdin.on("error", () => void task.eof().catch(() => undefined));
}

try {
  process.exitCode = await exec(parseCommand(process.argv.slice(2)));
} catch (error) {
  const own =
    error instanceof UsageError ||
    error instanceof FsError ||
    (error instanceof Error && error.cause !== undefined);
  const text =
    error instanceof Error ? (own ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`conch: ${text}\n`);
  process.exitCode = error instanceof UsageError ? usageCode : failureCode;
}
// A terminal or a pipe on standard input would keep the process alive.
process.exit();
