// What a module is, by what it imports, and why one cannot be executed.

import { goModuleNames } from "./gojs/go.ts";
import { wasiModuleName } from "./wasi/wasi.ts";

export type ModuleKind =
  | { readonly kind: "wasi" | "gojs" }
  /** The end of a sentence. */
  | { readonly kind: "neither"; readonly reason: string };

const magic = 0x6d73_6100;

/** A component says so in the bytes where a module has its version. */
const componentLayer = 1;

/** What is wrong with bytes that do not compile. */
export function compileFailure(bytes: Uint8Array, thrown: unknown): string {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || head.getUint32(0, true) !== magic) return "it is not a WebAssembly module";
  if (head.getUint16(6, true) === componentLayer)
    return "it is a WebAssembly component, and only modules of WASI preview 1 run here";
  const reason = thrown instanceof Error ? thrown.message.replace(/^WebAssembly\.compile\(\): /, "") : "";
  return `the module does not compile (${reason})`;
}

export function moduleKind(module: WebAssembly.Module, asked: "auto" | "wasi" | "gojs"): ModuleKind {
  const imports = WebAssembly.Module.imports(module);
  const exports = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const found = kindOf(imports, exports);
  if (found.kind === "neither" || asked === "auto" || asked === found.kind) return found;
  const names = { wasi: "a WASI program", gojs: "a Go program for js/wasm" };
  return { kind: "neither", reason: `it is ${names[found.kind]}, not ${names[asked]}` };
}

function kindOf(imports: readonly WebAssembly.ImportDescriptor[], exports: ReadonlySet<string>): ModuleKind {
  const neither = (reason: string): ModuleKind => ({ kind: "neither", reason });
  if (imports.some(({ module }) => goModuleNames.includes(module))) {
    const other = imports.find(({ module }) => !goModuleNames.includes(module));
    if (other !== undefined) return neither(foreign(other));
    return exports.has("run") && exports.has("resume")
      ? { kind: "gojs" }
      : neither("it imports Go's runtime but is not a program");
  }
  if (imports.some(({ module }) => module === "wasi_unstable"))
    return neither("it was built for WASI preview 0, and programs of preview 1 run here");
  const other = imports.find(({ module }) => module !== wasiModuleName);
  if (other !== undefined) return neither(foreign(other));
  if (exports.has("_start")) return { kind: "wasi" };
  if (exports.has("_initialize")) return neither("it is a library (it exports _initialize, not _start)");
  return neither("it is not a program: it exports no _start");
}

function foreign({ module, name }: WebAssembly.ImportDescriptor): string {
  return `it imports ${module}.${name}, which neither WASI preview 1 nor Go's runtime has`;
}
