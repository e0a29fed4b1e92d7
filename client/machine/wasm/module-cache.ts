// Compiled modules by the SHA-256 of their bytes: compiling is the slowest part of starting a program.

import { sha256 } from "#machine/fs/sha256.ts";

/** Machine code takes several times the bytes that it was made from. */
const maxModules = 24;
const maxBytes = 96 * 1024 * 1024;

interface Compiled {
  readonly module: Promise<WebAssembly.Module>;
  readonly bytes: number;
}

export class ModuleCache {
  /** In the order of their last use. */
  readonly #modules = new Map<string, Compiled>();

  /** Rejects with WebAssembly's CompileError. */
  async compile(bytes: Uint8Array): Promise<WebAssembly.Module> {
    const hash = await sha256(bytes);
    const compiled = this.#modules.get(hash) ?? {
      module: WebAssembly.compile(bytes),
      bytes: bytes.length,
    };
    this.#modules.delete(hash);
    this.#modules.set(hash, compiled);
    this.#dropOld();
    return compiled.module;
  }

  #dropOld(): void {
    let total = 0;
    for (const { bytes } of this.#modules.values()) total += bytes;
    for (const [hash, { bytes }] of this.#modules) {
      if (this.#modules.size <= 1 || (this.#modules.size <= maxModules && total <= maxBytes)) return;
      this.#modules.delete(hash);
      total -= bytes;
    }
  }
}
