// One emulated PC with Linux on it: cold boot, restore, snapshot, serial console.
// Knows v86 and nothing of 9P: it hands whole request frames to a handler and takes reply frames.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { ConsoleLines } from "./console-lines.ts";
import { type Emulator, loadV86, type V86Options } from "./v86.ts";

/** Linux waits for the slowest of these: 32, as v86 has it, fills up with reads that wait for a person. */
const fileQueueSlots = 256;

/** Nobody looks at the screen; less than 2 MiB v86 does not take. */
const videoBytes = 2 << 20;

/** v86 writes to the memory of a PC without a BIOS in one place, 0xE000; all else is as fresh as the host gave it. */
const usedWhenBlank = 1 << 20;

/** What the guest runs on. */
export interface GuestHost {
  /** Instantiates v86's WebAssembly module and gives its exports. */
  readonly instantiate: (imports: object) => Promise<object>;
  /** Runs the callback in a task of its own as soon as possible. Left out where v86's own way is the best (Node). */
  readonly soon?: (callback: () => void) => void;
}

/** The PC itself, whatever runs on it. */
export interface GuestOptions {
  readonly host: GuestHost;
  readonly memoryBytes: number;
}

/** What the PC is wired to. */
export interface GuestWires {
  /** Takes one whole 9P request; `reply` may be called at once or later, in any order. */
  readonly handleFrame: (frame: Uint8Array, reply: (frame: Uint8Array) => void) => void;
  /** Each line that the guest writes to its serial console. */
  readonly onConsole?: (line: string) => void;
  /** What the guest reads from I/O ports of its own, 32 bits each. */
  readonly ports?: ReadonlyMap<number, () => number>;
  /** What it writes to others, 32 bits each. */
  readonly writtenPorts?: ReadonlyMap<number, (value: number) => void>;
}

export interface Kernel {
  readonly kernel: ArrayBuffer;
  readonly bios: ArrayBuffer;
  readonly commandLine: string;
}

export class Guest {
  readonly #emulator: Emulator;
  readonly #console = new ConsoleLines((line) => this.#wires?.onConsole?.(line));
  #wires: GuestWires | undefined;
  #stopped = false;

  private constructor(emulator: Emulator) {
    this.#emulator = emulator;
    emulator.add_listener("serial0-output-byte", (byte) => this.#console.push(byte));
  }

  /** Boots Linux from its kernel. */
  static async boot(
    options: GuestOptions,
    wires: GuestWires,
    { kernel, bios, commandLine }: Kernel,
  ): Promise<Guest> {
    const guest = await Guest.#make(options, {
      bios: { buffer: bios },
      bzimage: { buffer: kernel },
      cmdline: commandLine,
    });
    guest.#connect(wires);
    await guest.resume();
    return guest;
  }

  /** An empty PC for `restore`. Making it takes a while, and needs nothing of the snapshot but the memory size. */
  static blank(options: GuestOptions): Promise<Guest> {
    return Guest.#make(options, {});
  }

  /**
   * On a blank PC, which must have the snapshot's memory size: goes on where the snapshot was taken (v86's raw state).
   * The frame handler must already know the fids that the guest holds. Paused until `resume`.
   */
  async restore(wires: GuestWires, snapshot: ArrayBuffer): Promise<void> {
    if (this.#wires !== undefined) throw new Error("invariant violation: this PC is in use");
    this.#connect(wires);
    // Zeroing all of it again takes longer than the rest of restoring, and takes the memory from the host.
    const { cpu } = this.#emulator.v86;
    const zero = cpu.zero_memory.bind(cpu);
    cpu.zero_memory = (address, size) => zero(address, Math.min(size, usedWhenBlank));
    await this.#emulator.restore_state(snapshot);
  }

  #connect(wires: GuestWires): void {
    this.#wires = wires;
    const { io } = this.#emulator.v86.cpu;
    for (const [port, read] of wires.ports ?? [])
      io.register_read(port, undefined, undefined, undefined, () => read() | 0);
    for (const [port, write] of wires.writtenPorts ?? [])
      io.register_write(port, undefined, undefined, undefined, write);
  }

  static async #make(
    options: GuestOptions,
    boot: Pick<V86Options, "bios" | "bzimage" | "cmdline">,
  ): Promise<Guest> {
    const V86 = await loadV86();
    // Until it is wired nothing runs, and so nothing asks.
    let handleFrame: GuestWires["handleFrame"] = () => undefined;
    const emulator = await new Promise<Emulator>((resolve, reject) => {
      const made = new V86({
        // v86 leaves a rejection unhandled and waits for ever: it gets a promise that never settles instead.
        wasm_fn: (imports) =>
          new Promise((instantiated) => {
            options.host.instantiate(imports).then(instantiated, reject);
          }),
        memory_size: options.memoryBytes,
        vga_memory_size: videoBytes,
        autostart: false,
        disable_keyboard: true,
        disable_mouse: true,
        disable_speaker: true,
        net_device: { type: "virtio" },
        filesystem: { handle9p: (frame, reply) => handleFrame(frame, reply) },
        ...boot,
      });
      made.add_listener("emulator-loaded", () => resolve(made));
    });
    const { virtqueue } = emulator.v86.cpu.devices.virtio_9p;
    virtqueue.size_supported = fileQueueSlots;
    virtqueue.set_size(fileQueueSlots);
    if (options.host.soon !== undefined) emulator.v86.yield = yieldThrough(emulator, options.host.soon);
    const guest = new Guest(emulator);
    handleFrame = (frame, reply) => guest.#wires?.handleFrame(frame, reply);
    return guest;
  }

  /** The last lines of the console: what to show when a start failed. */
  get consoleLines(): readonly string[] {
    return this.#console.kept;
  }

  async resume(): Promise<void> {
    if (!this.#stopped) await this.#emulator.run();
  }

  async pause(): Promise<void> {
    if (this.#stopped) return;
    const paused = this.#emulator.stop();
    // An idle processor sleeps until its next timer: wake it, so that it sees that it shall stop.
    this.#emulator.v86.next_tick(0);
    await paused;
  }

  /** The whole machine's state, paused for it. No 9P request may be waiting: v86 cannot save one. */
  async snapshot(): Promise<ArrayBuffer> {
    await this.pause();
    return this.#emulator.save_state();
  }

  /** Types text into the guest's serial console. */
  send(text: string): void {
    if (!this.#stopped) this.#emulator.serial_send_bytes(0, encodeUtf8(text));
  }

  /** Ends the machine and frees its memory. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    await this.pause();
    this.#stopped = true;
    await this.#emulator.destroy();
  }
}

/** A task per slice without a timer's least delay of 4 ms; only waiting takes a timer. */
function yieldThrough(
  emulator: Emulator,
  soon: (callback: () => void) => void,
): (delay: number, tick: number) => void {
  let timer: unknown;
  return (delay, tick) => {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    if (delay < 1) soon(() => emulator.v86.yield_callback(tick));
    else timer = setTimeout(() => emulator.v86.yield_callback(tick), delay);
  };
}
