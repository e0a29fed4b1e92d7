// Measures a machine under Node: from nothing to a prompt, restored and booted.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Stage } from "./stage.ts";
import type { StartTimes } from "./start-times.ts";
import { type Line, median } from "./table.ts";

export async function measureStart(stage: Stage): Promise<readonly Line[]> {
  const script = join(import.meta.dirname, "start-times.ts");
  const product = await stage.guest();
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script, product]);
  const { restored, booted } = JSON.parse(stdout) as StartTimes;
  return [
    {
      what: "restore to prompt (Node)",
      measured: median(restored),
      against: "cold boot",
      reference: median(booted),
    },
  ];
}
