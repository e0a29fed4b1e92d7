// Which paths of a program can be served from the namespace itself, without asking the guest: those that are plainly in
// /project. Everything else is the guest's to resolve: its mounts, its /tmp, what it has not written back yet.

import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import { atFdCwd, type System, systemFlag } from "#machine/wasm/system.ts";
import type { Located } from "./beneath.ts";
import type { Descriptor } from "./program-descriptors.ts";

const folder = "project";

/** What a path is relative to. */
type Base =
  | { readonly kind: "cwd"; readonly path: string }
  | { readonly kind: "guest"; readonly fd: number; readonly path: string | undefined }
  | { readonly kind: "direct"; readonly fd: number };

/** A descriptor and a path of the namespace's System. */
type DirectUse<T> = (folder: number, path: string) => Awaitable<T>;

export type Route =
  | { readonly kind: "direct"; readonly folder: number; readonly path: string; readonly fallback?: Located }
  | { readonly kind: "guest"; readonly located: Located };

export class Routes {
  readonly #find: (fd: number) => Descriptor;
  readonly #folder: Promise<number>;
  cwd: string;

  constructor(files: System, find: (fd: number) => Descriptor, cwd: string) {
    this.#find = find;
    this.cwd = cwd;
    this.#folder = (async () => (await files.openat(atFdCwd, `/${folder}`, systemFlag.directory, 0)).fd)();
    // Whoever needs it hears of a failure.
    this.#folder.catch(() => undefined);
  }

  async find(dir: number, path: string): Promise<Route> {
    const base = this.#base(dir);
    if (base.kind === "direct") return { kind: "direct", folder: base.fd, path };
    const located = locate(base, path);
    const rest = inProject(absolute(base.path, path));
    if (rest === undefined) return { kind: "guest", located };
    return { kind: "direct", folder: await this.#folder, path: rest, fallback: located };
  }

  /** Where an opened directory is, if that is plain. */
  absolute(dir: number, path: string): string | undefined {
    const base = this.#base(dir);
    return base.kind === "direct" ? undefined : absolute(base.path, path);
  }

  async follow<T>(
    dir: number,
    path: string,
    direct: DirectUse<T>,
    guest: (located: Located) => Promise<T>,
  ): Promise<T> {
    const route = await this.find(dir, path);
    if (route.kind === "guest") return guest(route.located);
    try {
      return await direct(route.folder, route.path);
    } catch (thrown) {
      if (route.fallback === undefined || !(thrown instanceof FsError) || thrown.code !== "EPERM")
        throw thrown;
      // A symbolic link leads out: Linux knows where to.
      return guest(route.fallback);
    }
  }

  #base(dir: number): Base {
    if (dir === atFdCwd) return { kind: "cwd", path: this.cwd };
    const found = this.#find(dir);
    return found.kind === "direct" ? found : { kind: "guest", fd: found.fd, path: found.path };
  }
}

/** SPEC SYS-2; nothing leads out of the root. */
function locate(base: Exclude<Base, { kind: "direct" }>, path: string): Located {
  if (base.kind === "cwd") return { dir: atFdCwd, path, bound: false };
  if (path.startsWith("/")) throw new FsError("EPERM");
  return { dir: base.fd, path, bound: base.path !== "/" };
}

/** The absolute path, if no ".." makes it a matter of symbolic links. */
function absolute(base: string | undefined, path: string): string | undefined {
  if (base === undefined || path === "" || path.split("/").includes("..")) return undefined;
  return path.startsWith("/") ? path : `${base === "/" ? "" : base}/${path}`;
}

/** What is behind /project/, with a slash at its end where there was one. */
function inProject(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.shift() !== folder) return undefined;
  if (names.length === 0) return ".";
  return names.join("/") + (/\/\.?$/.test(path) ? "/" : "");
}
