// Compiles the guest's Python library ahead, with the guest's own Python run on the host: starting the first
// interpreter would otherwise compile it, slowly, and into everybody's overlay.

import { mkdtemp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../steps/process.ts";
import type { Tree } from "./tree.ts";

/** Sources whose compiled form is wanted: the library, not what a package left for other tools. */
const library = /^usr\/lib\/python3(\.\d+)?\/.*\.py$/;

/** Adds __pycache__ for the library; false where this host cannot run 32-bit x86 programs. */
export async function precompilePython(tree: Tree): Promise<boolean> {
  const interpreter = [...tree.walk("usr/bin")]
    .map(([path]) => path)
    .find((path) => /python3\.\d+$/.test(path));
  const loader = "usr/lib/i386-linux-gnu/ld-linux.so.2";
  if (interpreter === undefined || tree.get(loader) === undefined) return true;
  const folder = await mkdtemp(join(tmpdir(), "conch-python-"));
  try {
    const sources: string[] = [];
    for (const [path, node] of tree.walk("usr")) {
      const wanted =
        path === interpreter ||
        path.startsWith("usr/lib/i386-linux-gnu/") ||
        path.startsWith("usr/lib/python3");
      if (!wanted || node.kind === "directory") continue;
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      if (node.kind === "symlink")
        await symlink(node.target.startsWith("/") ? join(folder, node.target) : node.target, target);
      else await writeFile(target, node.data, { mode: node.mode });
      if (library.test(path) && node.kind === "file") sources.push(path);
    }
    const python: [string, ...string[]] = [
      join(folder, loader),
      "--library-path",
      join(folder, "usr/lib/i386-linux-gnu"),
      join(folder, interpreter),
    ];
    // Neither this machine's settings nor the time get into what is written.
    const env = { PYTHONHOME: join(folder, "usr"), PYTHONDONTWRITEBYTECODE: "1", PYTHONNOUSERSITE: "1" };
    try {
      await run([...python, "-c", "pass"], { env });
    } catch {
      return false;
    }
    const listed = join(folder, "sources");
    await writeFile(listed, sources.map((path) => `${path}\n`).join(""));
    // -s and -p: the code names its files as the guest sees them.
    const compile = [
      "-m",
      "compileall",
      "-q",
      "--invalidation-mode",
      "unchecked-hash",
      "-s",
      `${folder}/`,
      "-p",
      "/",
      "-i",
      listed,
    ];
    await run([...python, ...compile], { env, cwd: folder }).catch(() => {
      // A file of templates or of another Python's syntax does not compile: the others are written all the same.
    });
    for (const path of sources) {
      const tag = interpreter.replace(/.*python3\./, "cpython-3");
      const cache = join(
        dirname(path),
        "__pycache__",
        `${path.slice(path.lastIndexOf("/") + 1, -3)}.${tag}.pyc`,
      );
      const data = await readFile(join(folder, cache)).catch(() => undefined);
      if (data !== undefined) tree.write(cache, data);
    }
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
