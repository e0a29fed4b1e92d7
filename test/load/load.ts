// `npm run load`: 50 people who type and 200 who watch, in one room, for a minute. `load.ts [--editors N] [--viewers N]
// [--seconds N] [--words PER_SECOND] [--processes N]`. Ends with an error where not everybody has the same in the end.

import { parseArgs } from "node:util";
import { TestServer } from "#test/harness/server.ts";
import { runCrowd } from "./crowd.ts";

const { values } = parseArgs({
  options: {
    editors: { type: "string", default: "50" },
    viewers: { type: "string", default: "200" },
    seconds: { type: "string", default: "60" },
    words: { type: "string", default: "2" },
    processes: { type: "string", default: "10" },
  },
});

const server = await TestServer.start();
try {
  const seconds = Number(values.seconds);
  const { words, reports, cpu, memory } = await runCrowd(server, {
    editors: Number(values.editors),
    viewers: Number(values.viewers),
    seconds,
    wordsPerSecond: Number(values.words),
    processes: Number(values.processes),
  });
  const latencies = reports.flatMap((report) => report.latencies).sort((a, b) => a - b);
  const quantile = (part: number): string =>
    (latencies[Math.floor(latencies.length * part)] ?? Number.NaN).toFixed(0);
  const messages = reports.reduce((sum, report) => sum + report.messages, 0) / reports.length;
  const texts = new Set(reports.flatMap((report) => report.texts));
  const offline = reports.reduce((sum, report) => sum + report.offline, 0);
  process.stdout.write(
    `${values.editors} editors, ${values.viewers} viewers, ${seconds} s: ${words} edits\n` +
      `keystroke to peer: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms\n` +
      `server: ${(cpu * 100).toFixed(0)} % of a processor, ${memory.toFixed(0)} MiB\n` +
      `messages to each: ${messages.toFixed(0)} (${(messages / seconds).toFixed(1)} a second)\n` +
      `in the end: ${texts.size} different texts, ${offline} offline\n`,
  );
  if (texts.size !== 1 || offline > 0 || reports.some((report) => report.words !== words))
    process.exitCode = 1;
} finally {
  await server.stop();
}
