// The programs of test/programs, built once with Debian's compilers: those of its release are installed with apt where
// they are missing, a newer Go of its backports is unpacked beside them.

import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hostSuite, openApt } from "#rootfs/debian/apt.ts";
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
const newerGo = "1.23";

/** What is built, by file. */
const files = {
  /** tool.c for WASI. */
  wasi: "tool.wasm",
  /** calls.c for WASI. */
  calls: "calls.wasm",
  /** tool.go for js/wasm by Go 1.19, whose import module is "go". */
  go: "tool-go.wasm",
  /** The same by a newer Go, whose import module is "gojs". */
  gojs: "tool-gojs.wasm",
  /** The same for WASI. */
  goWasi: "tool-wasip1.wasm",
} as const;

export type WasmPrograms = Readonly<Record<keyof typeof files, Uint8Array<ArrayBuffer>>>;

/** Throws one sentence where there are no compilers and none can be installed. */
export async function wasmPrograms(): Promise<WasmPrograms> {
  const root = join(cacheRoot(), "wasm");
  const key = keyOf({ ...(await sourceInputs(sources)), newerGo });
  const folder = await locked(
    root,
    () => undefined,
    () => cached(root, "programs", key, (target) => build(root, target)),
  );
  const read = async (file: string): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await readFile(join(folder, file)));
  return {
    wasi: await read(files.wasi),
    calls: await read(files.calls),
    go: await read(files.go),
    gojs: await read(files.gojs),
    goWasi: await read(files.goWasi),
  };
}

/** The source of `calls`, which the guest's own compiler takes as well. */
export function callsSource(): Promise<string> {
  return readFile(join(sources, "calls.c"), "utf8");
}

async function build(root: string, folder: string): Promise<void> {
  ensureCompilers();
  const scratch = await mkdtemp(join(tmpdir(), "conch-go-"));
  try {
    for (const [source, target] of [
      ["tool.c", files.wasi],
      ["calls.c", files.calls],
    ] as const)
      await run("clang", ["--target=wasm32-wasi", "-O2", "-o", join(folder, target), join(sources, source)]);
    await buildGo("/usr/bin/go", "js", join(folder, files.go), scratch);
    const newer = await unpackNewerGo(root, scratch);
    await buildGo(newer, "js", join(folder, files.gojs), scratch);
    await buildGo(newer, "wasip1", join(folder, files.goWasi), scratch);
  } finally {
    // Go makes its folders read-only.
    await run("chmod", ["-R", "u+w", scratch]);
    await rm(scratch, { recursive: true, force: true });
  }
}

async function buildGo(go: string, system: "js" | "wasip1", target: string, scratch: string): Promise<void> {
  const own = [`tool.go`, `tool_${system}.go`].map((file) => join(sources, file));
  await run(go, ["build", "-o", target, ...own], {
    env: {
      PATH: process.env["PATH"],
      HOME: scratch,
      GOOS: system,
      GOARCH: "wasm",
      GO111MODULE: "off",
      GOPROXY: "off",
      GOTOOLCHAIN: "local",
      GOCACHE: join(scratch, "cache"),
      GOPATH: join(scratch, "path"),
    },
  });
}

/** The path of its `go`. */
async function unpackNewerGo(root: string, scratch: string): Promise<string> {
  const suite = `${await hostSuite()}-backports`;
  const architecture = (await run("dpkg", ["--print-architecture"])).stdout.trim();
  const state = join(root, "apt");
  await mkdir(state, { recursive: true });
  const apt = await openApt(state, suite, architecture);
  for (const part of ["go", "src"]) {
    const deb = await apt.download(`golang-${newerGo}-${part}`, scratch);
    await run("dpkg-deb", ["-x", deb, join(scratch, "newer")]);
  }
  return join(scratch, `newer/usr/lib/go-${newerGo}/bin/go`);
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
