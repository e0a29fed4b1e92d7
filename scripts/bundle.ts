// Builds the client and the Worker with Vite, each cached by the hash of what it is made from.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { markdownAsText } from "./markdown-as-text.ts";
import { cached, cacheRoot, keyOf, sourceInputs } from "#rootfs/steps/cache.ts";

const root = join(import.meta.dirname, "..");

async function inputs(
  folders: readonly string[],
  files: readonly string[],
): Promise<Record<string, string | Uint8Array>> {
  const all: Record<string, string | Uint8Array> = { node: process.version };
  for (const folder of folders)
    for (const [path, content] of Object.entries(await sourceInputs(join(root, folder))))
      all[`${folder}/${path}`] = content;
  for (const file of files) all[file] = await readFile(join(root, file));
  return all;
}

/** The cached result. Of two servers that build the same at once, the later takes what the earlier has made. */
async function builtOnce(
  kind: string,
  key: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  try {
    return await cached(cacheRoot(), kind, key, make);
  } catch (thrown) {
    const folder = join(cacheRoot(), kind, key);
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOTEMPTY" && existsSync(folder))
      return folder;
    throw thrown;
  }
}

/** The folder of the built client. */
export async function buildClient(): Promise<string> {
  const key = keyOf(
    await inputs(
      ["client", "core"],
      ["index.html", "vite.config.ts", "scripts/bundle.ts", "package.json", "package-lock.json"],
    ),
  );
  return await builtOnce("client", key, async (folder) => {
    // Loaded only to build: a server that finds everything built starts without it.
    const { build } = await import("vite");
    await build({
      configFile: join(root, "vite.config.ts"),
      logLevel: "warn",
      build: { outDir: folder, emptyOutDir: false },
    });
    await bundleServiceWorker(folder, key);
  });
}

/** The client's service worker: one classic script at the root, which knows the files of this very build. */
async function bundleServiceWorker(client: string, version: string): Promise<void> {
  const { build } = await import("vite");
  const assets = await readdir(join(client, "assets"), { recursive: true });
  const files = assets.filter((file) => !file.endsWith(".map")).map((file) => `/assets/${file}`);
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    publicDir: false,
    define: { __CONCH_BUILD__: JSON.stringify({ version, files: files.toSorted() }) },
    build: {
      outDir: client,
      emptyOutDir: false,
      target: "es2023",
      rolldownOptions: {
        input: join(root, "client/offline/service-worker.ts"),
        output: { format: "iife", entryFileNames: "service-worker.js" },
      },
    },
  });
}

/** The Worker as one ES module. */
export async function buildWorker(): Promise<string> {
  const key = keyOf(
    await inputs(
      ["worker", "party", "core", "notebooks"],
      ["scripts/bundle.ts", "package.json", "package-lock.json"],
    ),
  );
  const folder = await builtOnce("worker", key, (folder) =>
    bundleWorker(join(root, "worker/index.ts"), folder),
  );
  return join(folder, workerFile);
}

export const workerFile = "worker.js";

/** Bundles an entry for workerd into `folder`, as `worker.js`. */
export async function bundleWorker(entry: string, folder: string): Promise<void> {
  const { build } = await import("vite");
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    plugins: [markdownAsText],
    ssr: {
      noExternal: true,
      target: "webworker",
      // Without "browser": a Worker has no document.
      resolve: { conditions: ["workerd", "worker", "module", "import", "default"] },
    },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: "es2023",
      rolldownOptions: {
        external: [/^cloudflare:/],
        output: { entryFileNames: workerFile, codeSplitting: false },
      },
    },
  });
}
