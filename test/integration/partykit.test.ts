// The room on PartyKit. `partykit dev` listens on every interface and cannot be told otherwise, so it runs in a
// network namespace of its own; where that is not permitted, the test says so and is skipped.

import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
// A process namespace too: what partykit leaves running ends with the test, and holds none of its pipes open.
const isolated = ["--map-root-user", "--net", "--pid", "--fork", "--kill-child", "sh", "-c"];
const loopbackUp = "ip link set lo up";

function obstacle(): string | undefined {
  if (!existsSync(join(root, "node_modules/.bin/partykit"))) return "partykit is not installed";
  try {
    execFileSync("unshare", [...isolated, loopbackUp], { stdio: "ignore" });
    return undefined;
  } catch {
    return "this machine does not permit network namespaces (unshare --net)";
  }
}

const reason = obstacle();
const smoke = "stock clients join a project that survives a restart, and the room keeps its contract";

it.skipIf(reason !== undefined)(
  reason === undefined ? smoke : `${smoke} (skipped: ${reason})`,
  async () => {
    const run = `${loopbackUp} && exec "${process.execPath}" --import tsx test/integration/partykit-smoke.ts`;
    const { stdout } = await promisify(execFile)("unshare", [...isolated, run], {
      cwd: root,
      timeout: 240_000,
      killSignal: "SIGKILL",
    });
    expect(stdout.trim().split("\n").at(-1)).toBe("ok");
  },
  300_000,
);
