// `npm run bench [-- SECTION…]`: what Conch costs, as one table of ratios, each measured in this run. Fails on nothing but errors.

import { measureDocument } from "./document.ts";
import { measureFiles } from "./guest-files.ts";
import { measureGrowth } from "./growth.ts";
import { measureLatency } from "./latency.ts";
import { measureStart } from "./node-machine.ts";
import { measureCell, measureKeystroke, measureLongTask, measureOpening } from "./pages.ts";
import { measurePropagation } from "./propagation.ts";
import { Stage } from "./stage.ts";
import { type Line, printTable } from "./table.ts";
import { measureWasm } from "./wasm.ts";

/** What can be measured, by the name that selects it. */
const sections: Readonly<Record<string, (stage: Stage) => Promise<readonly Line[]>>> = {
  start: measureStart,
  opening: measureOpening,
  cell: measureCell,
  latency: measureLatency,
  keystroke: measureKeystroke,
  responsive: measureLongTask,
  files: measureFiles,
  growth: measureGrowth,
  propagation: measurePropagation,
  document: measureDocument,
  wasm: measureWasm,
};

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => sections[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`There is no section "${unknown}": ${Object.keys(sections).join(", ")}.\n`);
  process.exit(2);
}

const stage = new Stage();
const lines: Line[] = [];
try {
  for (const [name, measure] of Object.entries(sections)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    lines.push(...(await measure(stage)));
  }
  process.stdout.write(`${printTable(lines)}\n`);
} finally {
  await stage.close();
}
