// Some of the participants of a load test, in a process of their own: real sessions that type, and watch others type.
// Spoken to by its parent over IPC: first the plan, then "go", then "report".

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type * as Y from "yjs";
import { personFromSeed } from "#sync/person.ts";
import { Session } from "#sync/session.ts";
import type { Message, Plan, Report } from "./messages.ts";

let received = 0;

/** Counts what comes in. */
class CountingSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    this.on("message", () => received++);
  }
}

/** A word says when it was typed. */
const word = /<(\d+(?:\.\d+)?)>/g;
const now = (): number => performance.timeOrigin + performance.now();

class Participants {
  readonly #plan: Plan;
  readonly #editors: Session[] = [];
  readonly #viewers: Session[] = [];
  readonly #latencies: number[] = [];
  #typed = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  get #all(): Session[] {
    return [...this.#editors, ...this.#viewers];
  }

  async enter(): Promise<void> {
    const { server, projectId, editorToken, viewerToken, name } = this.#plan;
    const open = (token: string, who: string): Session =>
      new Session({
        server,
        projectId,
        token,
        person: { ...personFromSeed(`load-person-${who}`), name: who },
        WebSocket: CountingSocket,
      });
    for (let index = 0; index < this.#plan.editors; index++)
      this.#editors.push(open(editorToken, `Editor ${name}-${index}`));
    for (let index = 0; index < this.#plan.viewers; index++)
      this.#viewers.push(open(viewerToken, `Viewer ${name}-${index}`));
    await Promise.all(this.#all.map(({ synced }) => synced));
    // One of them tells how long it takes to see what somebody in another process has typed.
    const witness = this.#viewers[0] ?? this.#editors[0];
    witness?.doc.getText("t").observe((event) => this.#see(event));
  }

  #see({ transaction, delta }: Y.YTextEvent): void {
    if (transaction.local) return;
    const seen = now();
    for (const { insert } of delta)
      if (typeof insert === "string")
        for (const [, typed] of insert.matchAll(word)) this.#latencies.push(seen - Number(typed));
  }

  async type(): Promise<void> {
    const { seconds, wordsPerSecond } = this.#plan;
    const end = Date.now() + seconds * 1000;
    received = 0;
    await Promise.all(
      this.#editors.map(async (session) => {
        const text = session.doc.getText("t");
        while (Date.now() < end) {
          await sleep((500 + Math.random() * 1000) / wordsPerSecond);
          const at = Math.floor(Math.random() * (text.length + 1));
          // Not into somebody's word.
          const place = text.toJSON().indexOf("<", at);
          text.insert(place < 0 ? text.length : place, `<${now().toFixed(1)}>`);
          session.setState("where", { file: `file-${this.#typed % 7}` });
          this.#typed++;
        }
      }),
    );
  }

  /** Once everybody has everything. */
  async report(words: number): Promise<Report> {
    const count = (session: Session): number => session.doc.getText("t").toJSON().match(word)?.length ?? 0;
    const deadline = Date.now() + 60_000;
    while (this.#all.some((session) => count(session) < words || session.unsaved > 0)) {
      if (Date.now() > deadline) break;
      await sleep(100);
    }
    const texts = this.#all.map(({ doc }) =>
      createHash("sha256").update(doc.getText("t").toJSON()).digest("hex"),
    );
    return {
      kind: "report",
      texts: [...new Set(texts)],
      words: Math.min(...this.#all.map((session) => count(session))),
      unsaved: this.#all.reduce((sum, { unsaved }) => sum + unsaved, 0),
      offline: this.#all.filter(({ connection }) => connection.kind !== "online").length,
      latencies: this.#latencies,
      messages: received / this.#all.length,
    };
  }

  get typed(): number {
    return this.#typed;
  }

  leave(): void {
    for (const session of this.#all) session.destroy();
  }
}

const say = (message: Message): void => void process.send?.(message);
let participants: Participants | undefined;

async function onMessage(message: Message): Promise<void> {
  switch (message.kind) {
    case "plan":
      participants = new Participants(message);
      await participants.enter();
      return say({ kind: "ready" });
    case "go":
      await participants?.type();
      return say({ kind: "typed", words: participants?.typed ?? 0 });
    case "ask": {
      const report = await participants?.report(message.words);
      if (report !== undefined) say(report);
      participants?.leave();
      return process.disconnect?.();
    }
    case "ready":
    case "typed":
    case "report":
      throw new Error(`invariant violation: a parent that says ${message.kind}`);
  }
}

process.on("message", (message: Message) => {
  onMessage(message).catch((thrown: unknown) => {
    console.error(thrown);
    process.exit(1);
  });
});
