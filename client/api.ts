// globalThis.conch: the page for scripts and tests. What a person can do with the mouse, as functions with promises.

import { decodeUtf8Lossy, concatBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { splitParent } from "#core/base/path.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { rootId } from "#core/project/project.ts";
import type { Entry, NodeKind, Project } from "#core/project/project.ts";
import type { Cell } from "#core/notebook/cell.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { CellRun } from "#core/notebook/run/run-cell.ts";
import { cellTerminal } from "#ui/notebook/live-output.ts";
import { leftOut } from "#core/notebook/output/print-screen.ts";
import { Screen } from "#core/notebook/output/screen.ts";
import type { Machine, MachineState, TaskKind, TerminalSize } from "#core/machine/machine.ts";
import { guestPath, projectPath } from "./api-path.ts";

/** A file or folder. Paths are relative to the project, without a leading slash. */
interface FileInfo {
  readonly path: string;
  readonly name: string;
  readonly kind: NodeKind;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
}

interface RunOptions {
  /** "guest" (a process in Linux) where it is left out; a WebAssembly program needs no running Linux. */
  readonly kind?: TaskKind;
  /** A path in the guest; a relative one starts at /project, which is the default. */
  readonly cwd?: string;
  /** Added to the guest's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads; then, or without it, its input ends. */
  readonly stdin?: string | Uint8Array;
  /** Runs it on a terminal (true is 80 × 24): then everything it writes is in `stdout`. */
  readonly tty?: boolean | TerminalSize;
}

interface RunResult {
  /** What a shell would show: 128 + n for signal n. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where the program could not be started: a sentence. */
  readonly error?: string;
}

interface CellInfo {
  readonly id: string;
  /** 1 is the first. */
  readonly number: number;
  readonly kind: string;
  readonly name?: string;
  readonly source: string;
  /** The latest run; "idle" where there is none. */
  readonly state: "idle" | "running" | "done" | "interrupted" | "lost";
  readonly code?: number;
  /** Its output as plain text; where it is long, the beginning and the end. */
  readonly output: string;
  /** The source is not what the latest run ran. */
  readonly stale: boolean;
}

interface RoomState {
  readonly connection: "connecting" | "online" | "offline" | "refused";
  /** Changes that the server does not have yet. */
  readonly unsaved: number;
  readonly project: { readonly id: string; readonly name: string };
  readonly role: string;
  readonly machine: MachineState["kind"];
}

interface ParticipantInfo {
  readonly name: string;
  readonly color: string;
  /** This page. */
  readonly self: boolean;
  /** Path of the file in front. */
  readonly file?: string;
  readonly machine?: string;
}

export interface ConchApi {
  /** Resolves when the project has been read; rejects with the reason where it cannot be opened. */
  readonly ready: Promise<void>;
  /** A path is relative to the project or begins with /project; what leads elsewhere is refused (EINVAL). */
  readonly files: {
    /** What is in a folder (the project itself without a path); `recursive` also what is below. */
    list(path?: string, options?: { readonly recursive?: boolean }): Promise<readonly FileInfo[]>;
    /** A file's text, exactly as the guest reads it; with `bytes` its bytes. */
    read(path: string): Promise<string>;
    read(path: string, options: { readonly bytes: true }): Promise<Uint8Array>;
    /** Writes a whole file; makes it, and the folders above it, where they are missing. */
    write(path: string, content: string | Uint8Array): Promise<void>;
    /** Renames or moves; fails where the new path is taken. */
    rename(from: string, to: string): Promise<void>;
    /** Moves to the trash. */
    remove(path: string): Promise<void>;
  };
  /** Runs a program on this page's machine, which is started if need be. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  readonly notebook: {
    /** The cells of a notebook. */
    cells(path: string): Promise<readonly CellInfo[]>;
    /**
     * Runs one cell (by id, name or number) or, without one, all of them from top to bottom until one fails.
     * Resolves when they have ended, with what the cells then are.
     */
    run(path: string, cell?: string | number): Promise<readonly CellInfo[]>;
  };
  readonly room: {
    state(): RoomState;
    /** Everybody who is here, this page included. */
    participants(): readonly ParticipantInfo[];
  };
}

/** What the page hands over once the project is open. */
export interface ApiParts {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly machine: Machine | undefined;
  readonly person: () => string;
  readonly writable: () => boolean;
  readonly runCell: (notebook: Notebook, cell: Cell) => CellRun;
  readonly runAll: (notebook: Notebook) => { readonly done: Promise<unknown> };
  /** Whether a running run's runner is still here. */
  readonly stateOf: (cell: Cell) => CellInfo["state"];
  readonly roomState: () => RoomState;
  readonly participants: () => readonly ParticipantInfo[];
}

const defaultTerminal: TerminalSize = { cols: 80, rows: 24 };

/** `parts` resolves when the project has been read. */
export function createApi(opening: Promise<ApiParts>): ConchApi {
  let parts: ApiParts | undefined;
  const ready = opening.then((opened) => {
    parts = opened;
  });
  // Whoever waits for it gets the reason; nobody has to.
  ready.catch(() => undefined);
  const now = (): ApiParts => {
    if (parts === undefined) throw new Error("The project is not open yet: await conch.ready first.");
    return parts;
  };
  return {
    ready,
    files: filesApi(opening),
    run: async (argv, options = {}) => run(await opening, argv, options),
    notebook: notebookApi(opening),
    room: {
      state: () => now().roomState(),
      participants: () => now().participants(),
    },
  };
}

function filesApi(opening: Promise<ApiParts>): ConchApi["files"] {
  const require = (project: Project, path: string): Entry => {
    const entry = project.resolve(projectPath(path));
    if (entry === undefined) throw new FsError("ENOENT", path);
    return entry;
  };
  const changing = async (): Promise<ApiParts> => {
    const parts = await opening;
    if (!parts.writable()) throw new FsError("EACCES", "this link may only read");
    return parts;
  };
  async function read(path: string): Promise<string>;
  async function read(path: string, options: { readonly bytes: true }): Promise<Uint8Array>;
  async function read(path: string, options?: { readonly bytes?: true }): Promise<string | Uint8Array> {
    const { project, blobs } = await opening;
    const bytes = await project.readBytes(require(project, path).id, blobs);
    return options?.bytes === true ? bytes : decodeUtf8Lossy(bytes);
  }
  return {
    list: async (path = "", options = {}) => {
      const { project } = await opening;
      const found: FileInfo[] = [];
      const visit = (directory: Entry): void => {
        if (directory.kind !== "dir") throw new FsError("ENOTDIR", path);
        for (const entry of project.children(directory.id)) {
          const { name, kind, size, mtime } = entry;
          found.push({ path: project.path(entry.id), name, kind, size, mtime });
          if (options.recursive === true && kind === "dir") visit(entry);
        }
      };
      visit(require(project, path));
      return found;
    },
    read,
    write: async (path, content) => {
      const { project, blobs } = await changing();
      project.writePath(
        projectPath(path),
        typeof content === "string" ? encodeUtf8(content) : content,
        blobs,
      );
    },
    rename: async (from, to) => {
      const { project } = await changing();
      const [folder, name] = splitParent(projectPath(to));
      project.move(require(project, from).id, folder === "" ? rootId : require(project, folder).id, name);
    },
    remove: async (path) => {
      const { project, person } = await changing();
      project.trash(require(project, path).id, person());
    },
  };
}

async function run(parts: ApiParts, argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const { machine } = parts;
  if (machine === undefined) throw new Error("This page has no machine: with this link you may only read.");
  const words: unknown = argv;
  if (!Array.isArray(words) || words.length === 0 || words.some((word) => typeof word !== "string"))
    throw new TypeError("conch.run takes a program and its arguments as a list: conch.run(['ls', '-l'])");
  const { cwd = "/project", env, stdin, tty, kind } = options;
  const size = tty === true ? defaultTerminal : tty === false ? undefined : tty;
  const output: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  const task = await machine.spawn(
    {
      argv,
      cwd: guestPath(cwd),
      ...(kind === undefined ? {} : { kind }),
      ...(env === undefined ? {} : { env }),
      ...(size === undefined ? {} : { tty: size }),
    },
    { output: (fd, data) => void output[fd].push(data.slice()) },
  );
  try {
    if (stdin !== undefined) await task.write(typeof stdin === "string" ? encodeUtf8(stdin) : stdin);
    await task.eof();
  } catch {
    // The program has ended without reading it all: its exit tells how.
  }
  const exit = await task.exit;
  return {
    code: exit.code,
    stdout: decodeUtf8Lossy(concatBytes(output[1])),
    stderr: decodeUtf8Lossy(concatBytes(output[2])),
    ...(exit.error === undefined ? {} : { error: exit.error }),
  };
}

function notebookApi(opening: Promise<ApiParts>): ConchApi["notebook"] {
  const find = (parts: ApiParts, path: string): Notebook => {
    const entry = parts.project.resolve(projectPath(path));
    const notebook = entry === undefined ? undefined : parts.project.notebook(entry.id);
    if (notebook === undefined) throw new FsError("ENOENT", `${path} is no notebook`);
    return notebook;
  };
  const infos = (parts: ApiParts, notebook: Notebook): CellInfo[] =>
    notebook.cells.map((cell, index) => cellInfo(cell, index + 1, parts.stateOf(cell)));
  return {
    cells: async (path) => {
      const parts = await opening;
      return infos(parts, find(parts, path));
    },
    run: async (path, wanted) => {
      const parts = await opening;
      const notebook = find(parts, path);
      if (wanted === undefined) {
        await parts.runAll(notebook).done;
        return infos(parts, notebook);
      }
      const cell = notebook.cells.find(
        ({ id, name }, index) => id === wanted || name === wanted || index + 1 === wanted,
      );
      if (cell === undefined) throw new FsError("ENOENT", `${path} has no cell ${wanted}`);
      if (cell.kind === "text") throw new FsError("EINVAL", `cell ${wanted} is prose`);
      await parts.runCell(notebook, cell).done;
      return infos(parts, notebook).filter(({ id }) => id === cell.id);
    },
  };
}

function cellInfo(cell: Cell, number: number, state: CellInfo["state"]): CellInfo {
  const { run } = cell;
  const stored = run?.output;
  const gap =
    stored === undefined || stored.omitted === 0
      ? ""
      : `\n${leftOut(stored.omittedLines ?? 0, stored.omitted)}\n`;
  // As it stands on the screen in the end: no colours, no bars that were drawn over.
  const screen = new Screen(cellTerminal);
  if (stored !== undefined) screen.write(`${stored.head}${gap}${stored.tail}`);
  return {
    id: cell.id,
    number,
    kind: cell.kind,
    ...(cell.name === undefined ? {} : { name: cell.name }),
    source: cell.kind === "text" ? cell.print() : cell.code,
    state,
    ...(run?.code === undefined ? {} : { code: run.code }),
    output: screen.text,
    stale: cell.stale,
  };
}

declare global {
  /** The page for scripts and tests; there on a project's page. */
  var conch: ConchApi | undefined;
}
