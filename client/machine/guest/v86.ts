// The one place that imports v86: its constructor and the few internals that we rely on, typed.
// They are checked when a machine is made, so that an update of v86 fails with a sentence and not with a hang.

/** What we use of V86's options; its own types know only browsers and leave out what we need below. */
export interface V86Options {
  readonly wasm_fn: (imports: object) => Promise<object>;
  readonly memory_size: number;
  readonly vga_memory_size: number;
  readonly autostart: false;
  readonly disable_keyboard: true;
  readonly disable_mouse: true;
  readonly disable_speaker: true;
  readonly net_device: { readonly type: "virtio" };
  readonly filesystem: {
    readonly handle9p: (request: Uint8Array, reply: (frame: Uint8Array) => void) => void;
  };
  readonly bios?: { readonly buffer: ArrayBuffer };
  readonly bzimage?: { readonly buffer: ArrayBuffer };
  readonly cmdline?: string;
}

export interface Emulator {
  run(): Promise<void>;
  stop(): Promise<void>;
  destroy(): Promise<void>;
  save_state(): Promise<ArrayBuffer>;
  restore_state(state: ArrayBuffer): Promise<void>;
  serial_send_bytes(serial: number, data: Uint8Array): void;
  add_listener(event: "serial0-output-byte", listener: (byte: number) => void): void;
  add_listener(event: "emulator-loaded" | "emulator-stopped", listener: () => void): void;
  readonly v86: {
    /** Called after each slice: `yield_callback(tick)` must be called in a task of its own, `delay` milliseconds later. */
    yield: (delay: number, tick: number) => void;
    yield_callback(tick: number): void;
    next_tick(delay: number): void;
    readonly cpu: {
      readonly devices: { readonly virtio_9p: { readonly virtqueue: VirtQueue } };
      readonly io: Ports;
      /** Called once by `restore_state`, before the pages of the state are put in. */
      zero_memory: (address: number, size: number) => void;
    };
  };
}

interface Ports {
  /** What is left out stays as it is. */
  register_read(
    port: number,
    device: unknown,
    read8: undefined,
    read16: undefined,
    read32: () => number,
  ): void;
  register_write(
    port: number,
    device: unknown,
    write8: undefined,
    write16: undefined,
    write32: (value: number) => void,
  ): void;
}

interface VirtQueue {
  size_supported: number;
  set_size(size: number): void;
}

type Constructor = new (options: V86Options) => Emulator;

let loaded: Promise<Constructor> | undefined;

/**
 * v86 decides when it is imported how it yields to the event loop. In a browser worker it would take a worker of
 * its own from a blob: URL, which a strict CSP forbids (it then hangs silently): with `Worker` out of sight it
 * takes a plain timer, which `Guest` replaces.
 */
export function loadV86(): Promise<Constructor> {
  loaded ??= (async () => {
    const scope = globalThis as { Worker?: unknown };
    const worker = scope.Worker;
    if (worker !== undefined) scope.Worker = undefined;
    try {
      const module = await import("v86");
      // v86's own types describe neither wasm_fn's result nor the instance behind the class.
      return module.V86 as unknown as Constructor;
    } finally {
      if (worker !== undefined) scope.Worker = worker;
    }
  })();
  return loaded;
}
