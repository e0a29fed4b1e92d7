// A session and a machine as signals, so that the interface follows them.

import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { can } from "#core/auth/role.ts";
import type { Role } from "#core/auth/role.ts";
import { DisposerStack } from "#core/base/disposable.ts";
import { onMeta, readMeta, renameProject, untitled } from "#core/project/meta.ts";
import type { Machine, MachineState } from "#core/machine/machine.ts";
import type { LocalCopy } from "#sync/local-copy.ts";
import type { ConnectionStatus, Participant, Session, StorageStatus } from "#sync/session.ts";

/** Milliseconds that a change may be on its way to the server before we speak of it: a keystroke is no news. */
const quietTime = 600;

/** Milliseconds online before comings and goings are news. */
const settleTime = 1500;

export interface LiveSessionOptions {
  readonly session: Session;
  readonly machine: Machine | undefined;
  readonly role: Role;
  /** What the project was called when it was opened: shown until its document is here. */
  readonly name: string;
  /** What this browser keeps of the project; undefined where it keeps nothing. */
  readonly copy: LocalCopy | undefined;
  /** Nothing is left of what the machine, which is off, has written outside the project. */
  readonly forgetMachine: () => Promise<void>;
}

export class LiveSession {
  readonly session: Session;
  readonly machine: Machine | undefined;
  readonly role: Signal<Role>;
  readonly connection: Signal<ConnectionStatus>;
  readonly storage: Signal<StorageStatus>;
  /** What is done here outlives the tab. */
  readonly kept: Signal<boolean>;
  /** Changes that the server does not have yet, once they have been on their way for a noticeable time. */
  readonly unsaved = signal(0);
  readonly participants: Signal<readonly Participant[]>;
  readonly machineState: Signal<MachineState>;
  /** The project's name, never empty. */
  readonly name: Signal<string>;
  /** The project has been read once. */
  readonly ready = signal(false);
  /** Online for long enough that whoever was here before us has been seen. */
  readonly settled = signal(false);
  readonly #forgetMachine: () => Promise<void>;
  readonly #disposers = new DisposerStack();
  #settling: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor({ session, machine, role, name, copy, forgetMachine }: LiveSessionOptions) {
    this.session = session;
    this.machine = machine;
    this.role = signal(session.role ?? role);
    this.#disposers.add(session.onRole((now) => (this.role.value = now)));
    this.#forgetMachine = forgetMachine;
    this.connection = signal(session.connection);
    this.storage = signal(session.storage);
    this.kept = signal(copy?.keeping.kept === true);
    if (copy !== undefined) this.#disposers.add(copy.onKeeping(({ kept }) => (this.kept.value = kept)));
    this.participants = signal(session.participants());
    this.machineState = signal(machine?.state ?? { kind: "off" });
    this.#disposers.add(session.onConnection(() => this.#followConnection()));
    this.#disposers.add(() => clearTimeout(this.#settling));
    this.#disposers.add(session.onStorage(() => (this.storage.value = session.storage)));
    this.#disposers.add(session.onParticipants(() => (this.participants.value = session.participants())));
    this.#disposers.add(session.onUnsaved(() => this.#countUnsaved()));
    // There may be some from the last time.
    this.#countUnsaved();
    this.#disposers.add(() => clearTimeout(this.#quiet));

    this.name = signal(readMeta(session.doc).name || name);
    this.#disposers.add(onMeta(session.doc, (meta) => (this.name.value = meta.name || untitled)));

    session.synced.then(
      () => (this.ready.value = true),
      () => undefined, // the refusal is in `connection`
    );

    if (machine !== undefined) {
      this.#disposers.add(machine.onState(() => (this.machineState.value = machine.state)));
    }
  }

  get writable(): boolean {
    // Where the room lets nobody in any more, what is typed would reach nobody.
    return can(this.role.value, "edit") && this.connection.value.kind !== "refused";
  }

  /** The machine as it was at first; what it wrote outside the project is gone. */
  async resetMachine(): Promise<void> {
    await this.machine?.stop().catch(() => undefined);
    await this.#forgetMachine();
    // What goes wrong is in the machine's state, and shown there.
    await this.machine?.start().catch(() => undefined);
  }

  rename(name: string): void {
    renameProject(this.session.doc, name);
  }

  dispose(): void {
    this.#disposers.dispose();
  }

  #followConnection(): void {
    this.connection.value = this.session.connection;
    clearTimeout(this.#settling);
    this.settled.value = false;
    if (this.connection.value.kind === "online")
      this.#settling = setTimeout(() => (this.settled.value = true), settleTime);
  }

  #countUnsaved(): void {
    const count = this.session.unsaved;
    if (count === 0) {
      clearTimeout(this.#quiet);
      this.#quiet = undefined;
      this.unsaved.value = 0;
    } else if (this.unsaved.value > 0) this.unsaved.value = count;
    else
      this.#quiet ??= setTimeout(() => {
        this.#quiet = undefined;
        this.unsaved.value = this.session.unsaved;
      }, quietTime);
  }
}
