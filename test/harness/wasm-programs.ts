// The programs of test/programs, built with Debian's compilers: installed with apt where they are missing, built once.

import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cached, cacheRoot, keyOf, locked, sourceInputs } from "#rootfs/steps/cache.ts";

const run = promisify(execFile);
const sources = join(import.meta.dirname, "../programs");

const needed: readonly string[] = [
  "/usr/bin/clang",
  "/usr/bin/wasm-ld",
  "/usr/lib/wasm32-wasi/libc.a",
  "/usr/bin/go",
];
const packages = ["clang", "lld", "wasi-libc", "libclang-rt-dev-wasm32", "golang-go"] as const;

export interface WasmPrograms {
  /** tool.c for WASI. */
  readonly wasi: Uint8Array<ArrayBuffer>;
  /** tool.go for js/wasm. */
  readonly go: Uint8Array<ArrayBuffer>;
}

/** Throws one sentence where there are no compilers and none can be installed. */
export async function wasmPrograms(): Promise<WasmPrograms> {
  const root = join(cacheRoot(), "wasm");
  const key = keyOf(await sourceInputs(sources));
  const folder = await locked(
    root,
    () => undefined,
    () => cached(root, "programs", key, build),
  );
  const [wasi, go] = await Promise.all([
    readFile(join(folder, "tool.wasm")),
    readFile(join(folder, "tool-go.wasm")),
  ]);
  return { wasi: new Uint8Array(wasi), go: new Uint8Array(go) };
}

async function build(folder: string): Promise<void> {
  ensureCompilers();
  const wasi = run("clang", [
    "--target=wasm32-wasi",
    "-O2",
    "-o",
    join(folder, "tool.wasm"),
    join(sources, "tool.c"),
  ]);
  const scratch = await mkdtemp(join(tmpdir(), "conch-go-"));
  try {
    await run("go", ["build", "-o", join(folder, "tool-go.wasm"), join(sources, "tool.go")], {
      env: {
        ...process.env,
        GOOS: "js",
        GOARCH: "wasm",
        GO111MODULE: "off",
        GOPROXY: "off",
        GOCACHE: join(scratch, "cache"),
        GOPATH: join(scratch, "path"),
      },
    });
    await wasi;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function ensureCompilers(): void {
  const missing = (): boolean => needed.some((path) => !existsSync(path));
  if (!missing()) return;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args: readonly string[]): unknown =>
      spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", ...packages);
  }
  if (missing())
    throw new Error(
      `The tests of WebAssembly need Debian's compilers: run \`apt-get install -y ${packages.join(" ")}\` as root, then try again.`,
    );
}
