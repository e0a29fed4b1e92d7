// Compiled modules by the SHA-256 of their bytes: compiling is the slowest part of starting a program.

import { LruCache } from "#core/base/lru-cache.ts";
import { sha256 } from "#machine/fs/sha256.ts";

/** Machine code takes several times the bytes that it was made from. */
const maxModules = 24;
const maxBytes = 96 * 1024 * 1024;

interface Compiled {
  readonly module: Promise<WebAssembly.Module>;
  readonly bytes: number;
}

export class ModuleCache {
  readonly #modules = new LruCache<string, Compiled>({
    limit: maxBytes,
    maxEntries: maxModules,
    sizeOf: ({ bytes }) => bytes,
  });

  /** Rejects with WebAssembly's CompileError. */
  async compile(bytes: Uint8Array): Promise<WebAssembly.Module> {
    const hash = await sha256(bytes);
    const known = this.#modules.get(hash);
    if (known !== undefined) return known.module;
    const module = WebAssembly.compile(bytes);
    this.#modules.set(hash, { module, bytes: bytes.length });
    return module;
  }
}
