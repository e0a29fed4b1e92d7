// WebAssembly as far as the machine uses it: every runtime of ours has it, but ES2023 alone does not declare it.

declare namespace WebAssembly {
  interface ImportDescriptor {
    readonly module: string;
    readonly name: string;
    readonly kind: "function" | "table" | "memory" | "global" | "tag";
  }
  interface ExportDescriptor {
    readonly name: string;
    readonly kind: "function" | "table" | "memory" | "global" | "tag";
  }
  class Module {
    constructor(bytes: ArrayBufferView);
    static imports(module: Module): ImportDescriptor[];
    static exports(module: Module): ExportDescriptor[];
  }
  class Memory {
    constructor(limits: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class CompileError extends Error {}
  class RuntimeError extends Error {}
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  function compile(bytes: ArrayBufferView): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}
