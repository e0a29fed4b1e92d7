// What a process and its children have used so far (Linux: /proc).

import { readdirSync, readFileSync } from "node:fs";

interface ProcessUse {
  /** Seconds of a processor. */
  readonly cpu: number;
  /** MiB resident. */
  readonly memory: number;
}

/** Of the clock that /proc counts with; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** The fields of /proc/PID/stat after the name, which may hold anything: state, parent, … */
function fields(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

export function useOfTree(root: number): ProcessUse {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(fields(pid)[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  let cpu = 0;
  let memory = 0;
  const pending = [root];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    const stat = fields(pid);
    cpu += (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / ticksPerSecond;
    memory += (Number(stat[21] ?? 0) * pageBytes) / 2 ** 20;
    pending.push(...(children.get(pid) ?? []));
  }
  return { cpu, memory };
}
