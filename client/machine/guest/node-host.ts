// What v86 needs of Node.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { GuestHost } from "./guest.ts";

/** Path of v86's WebAssembly. */
export const emulatorFile = createRequire(import.meta.url).resolve("v86/build/v86.wasm");

let emulator: Promise<WebAssembly.Module> | undefined;

/** The WebAssembly is compiled once for all machines of the process. */
export function nodeHost(): GuestHost {
  return {
    instantiate: async (imports) => {
      emulator ??= readFile(emulatorFile).then((bytes) => WebAssembly.compile(bytes));
      // v86 makes these imports for exactly this module.
      return (await WebAssembly.instantiate(await emulator, imports as WebAssembly.Imports)).exports;
    },
  };
}
