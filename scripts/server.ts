// The server for one computer: the Worker, its Durable Objects and R2 in one workerd, on loopback, without a network.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync, unlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";
import { tieWorkerdToThisProcess } from "./workerd.ts";

export interface ServerOptions {
  /** Folder for everything that must survive a restart. */
  readonly data: string;
  /** 0: any free one. */
  readonly port: number;
  /** The bundled Worker. */
  readonly worker: string;
  /** Folder of the built client. */
  readonly client: string;
  /** Folder of the guest product, where there is one. */
  readonly guest?: string;
}

export interface Server {
  readonly origin: string;
  stop(): Promise<void>;
}

/** What the user can mend: the message is one sentence. */
export class ServerError extends Error {}

/** workerd's behaviour is that of this day; wrangler.jsonc says the same. */
export const compatibilityDate = "2026-04-01";
export const compatibilityFlags: string[] = [];

export async function startServer(options: ServerOptions): Promise<Server> {
  mkdirSync(options.data, { recursive: true });
  const data = realpathSync(options.data);
  const lock = await lockData(data);
  try {
    tieWorkerdToThisProcess();
    const keepSignals = signalKeeper();
    const miniflare = new Miniflare({
      name: "conch",
      host: "127.0.0.1",
      port: options.port,
      cf: false,
      log: new Log(LogLevel.WARN),
      telemetry: { enabled: false },
      modules: [{ type: "ESModule", path: options.worker }],
      modulesRoot: join(options.worker, ".."),
      compatibilityDate,
      compatibilityFlags,
      durableObjects: {
        ROOMS: { className: "ProjectRoom", useSQLite: true },
        ACCOUNTS: { className: "Account", useSQLite: true },
      },
      durableObjectsPersist: join(data, "rooms"),
      r2Buckets: ["BLOBS"],
      r2Persist: join(data, "blobs"),
      serviceBindings: {
        ASSETS: { disk: { path: options.client, writable: false } },
        ...(options.guest === undefined ? {} : { GUEST: { disk: { path: options.guest, writable: false } } }),
      },
      bindings: {
        CONCH_SECRET: readSecret(data),
        ...configured(
          "CONCH_ACCESS_SECONDS",
          "CONCH_BLOB_GRACE",
          "OIDC_ISSUER",
          "OIDC_CLIENT_ID",
          "OIDC_CLIENT_SECRET",
        ),
        ...(options.guest === undefined ? {} : { GUEST_VERSION: basename(options.guest) }),
      },
    });
    try {
      const { origin } = await miniflare.ready;
      keepSignals();
      return {
        origin,
        stop: async () => {
          await miniflare.dispose();
          lock.close();
        },
      };
    } catch (thrown) {
      await miniflare.dispose();
      throw thrown;
    }
  } catch (thrown) {
    lock.close();
    throw thrown;
  }
}

/**
 * Miniflare ends the process at a signal, at once and with an error; we stop in order instead. Returns what takes
 * away the listeners that were added since.
 */
function signalKeeper(): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  return () => {
    for (const signal of signals)
      for (const listener of process.listeners(signal))
        if (before.get(signal)?.includes(listener) !== true) process.off(signal, listener);
  };
}

/** Configuration that is handed on as it is, where it is set. */
function configured(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/** Made at the first start, and kept: every link ever shared hangs on it. */
function readSecret(data: string): string {
  const file = join(data, "secret");
  try {
    writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (thrown) {
    if (!isCode(thrown, "EEXIST")) throw thrown;
  }
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < 32)
    throw new ServerError(`${file} is damaged: restore it, or remove it, which ends every link ever shared.`);
  return secret;
}

/**
 * One server per data folder: a second would corrupt it. The lock is a socket that dies with its process, however
 * that dies; it lives in the temporary folder because a socket's path must be short.
 */
async function lockData(data: string): Promise<NetServer> {
  const name = createHash("sha256").update(data).digest("hex").slice(0, 16);
  const path = join(tmpdir(), `conch-${process.getuid?.() ?? 0}-${name}.sock`);
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(path);
    if (server !== undefined) return server;
    if (await answers(path)) break;
    unlinkSync(path);
  }
  throw new ServerError(`Another Conch server uses ${data}: stop it, or set CONCH_DATA to another folder.`);
}

function listen(path: string): Promise<NetServer | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end());
    server.once("error", (thrown) => {
      if (isCode(thrown, "EADDRINUSE")) resolve(undefined);
      else reject(thrown);
    });
    server.listen(path, () => {
      // The lock alone keeps nobody alive.
      server.unref();
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

export function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
