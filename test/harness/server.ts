// A real server process on a free port with a data folder of its own, for integration and end-to-end tests.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const readyLine = /^Conch is ready at (http:\/\/\S+)$/m;

export interface TestServerOptions {
  /** Folder of a built client (`buildClient()` of scripts/bundle.ts); without it there is no page. */
  readonly client?: string;
  /** Folder of a guest product (`buildGuest()` of rootfs/build.ts); without it there is no guest. */
  readonly guest?: string;
  /** Any free one where it is left out. */
  readonly port?: number;
  /** Its data are on a disk of so many MiB, which nobody else sees (needs user namespaces) and which ends with it. */
  readonly disk?: number;
  /** Configuration beside the server's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kept by the caller; without it a fresh one that is removed at the end. */
  readonly data?: string;
}

export interface TestProject {
  readonly id: string;
  readonly url: string;
  readonly token: string;
}

export class TestServer {
  readonly data: string;
  /** http://127.0.0.1:<port> */
  origin = "";
  readonly #options: TestServerOptions;
  readonly #ownData: boolean;
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(options: TestServerOptions, data: string) {
    this.#options = options;
    this.data = data;
    this.#ownData = options.data === undefined;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const data = options.data ?? (await mkdtemp(join(tmpdir(), "conch-data-")));
    const server = new TestServer(options, data);
    await server.start();
    return server;
  }

  /** ws://127.0.0.1:<port>/parties/project, as a stock client wants it. */
  get rooms(): string {
    return `${this.origin.replace("http", "ws")}/parties/project`;
  }

  /** Everything that the process has printed. */
  get output(): string {
    return this.#output;
  }

  /** The data folder as this process can reach it, also where it is on a disk of its own. */
  get dataPath(): string {
    return this.#options.disk === undefined ? this.data : `/proc/${this.pid ?? 0}/root${this.data}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process (again): on the port it had before, so that clients find it. */
  async start(): Promise<void> {
    const { client, guest, env, disk, port = 0 } = this.#options;
    const mounted =
      disk === undefined
        ? []
        : [
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            `mount -t tmpfs -o size=${disk}m none "$CONCH_DATA" && exec "$@"`,
            "sh",
          ];
    const [command, ...words] = [...mounted, process.execPath];
    const child = spawn(
      command,
      [
        ...words,
        "--import",
        "tsx",
        "scripts/serve.ts",
        ...(client === undefined ? [] : ["--client", client]),
        ...(guest === undefined ? [] : ["--guest", guest]),
      ],
      {
        cwd: root,
        env: {
          ...process.env,
          ...env,
          PORT: this.origin === "" ? String(port) : new URL(this.origin).port,
          CONCH_DATA: this.data,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    this.#process = child;
    this.#output = "";
    this.origin = await new Promise<string>((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        const origin = readyLine.exec(this.#output)?.[1];
        if (origin !== undefined) resolve(origin);
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.once("exit", (code) =>
        reject(new Error(`the server ended with ${String(code)}:\n${this.#output}`)),
      );
    });
  }

  /** As a user would stop it. */
  async terminate(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** As bad luck would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.terminate();
    if (this.#ownData) await rm(this.data, { recursive: true, force: true });
  }

  async createProject(body?: { readonly name?: string; readonly example?: string }): Promise<TestProject> {
    const response = await fetch(`${this.origin}/api/projects`, {
      method: "POST",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status !== 201) throw new Error(await response.text());
    return (await response.json()) as TestProject;
  }

  async createLink(project: TestProject, role: string): Promise<TestProject> {
    const response = await fetch(`${this.origin}/api/projects/${project.id}/links`, {
      method: "POST",
      headers: { Authorization: `Bearer ${project.token}` },
      body: JSON.stringify({ role }),
    });
    if (response.status !== 200) throw new Error(await response.text());
    return { id: project.id, ...((await response.json()) as { url: string; token: string }) };
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}
