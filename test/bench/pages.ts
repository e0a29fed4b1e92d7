// Measures what people feel in the browser: opening, running a cell, typing together, a page that stays responsive.

import type { WorkspacePage } from "#test/e2e/workspace-page.ts";
import { until } from "#test/harness/until.ts";
import type { Stage } from "./stage.ts";
import { median, type Line } from "./table.ts";

const openings = 3;
const rounds = 20;
const keystrokes = 40;
const notebook = "welcome.nb.md";

/** ms from the beginning of the navigation until a program on the machine has answered. */
async function toAnswer(person: WorkspacePage): Promise<number> {
  await person.ready();
  return person.page.evaluate(async () => {
    await globalThis.conch?.run(["true"]);
    return performance.now();
  });
}

export async function measureOpening(stage: Stage): Promise<readonly Line[]> {
  const opened = await stage.with(1, async (person) => {
    const cold = await toAnswer(person);
    // Until then it is still being filled.
    await person.keptForOffline();
    const warm: number[] = [];
    for (let round = 0; round < openings; round++) {
      await person.page.reload();
      warm.push(await toAnswer(person));
    }
    return { cold, warm: median(warm) };
  });
  return [
    {
      what: "open a project until its machine answers, warm cache",
      measured: opened.warm,
      against: "empty cache",
      reference: opened.cold,
    },
  ];
}

/** From the click on "Run cell" until the output is on the page. */
export async function measureCell(stage: Stage): Promise<readonly Line[]> {
  return stage.with(1, async (person) => [await timeCell(person)]);
}

async function timeCell(person: WorkspacePage): Promise<Line> {
  await person.ready();
  await person.write("bench.nb.md", '```sh {name="echo"}\necho here-it-is\n```\n');
  await person.openFile("bench.nb.md");
  const cell = await person.cell("bench.nb.md", "echo");
  await cell.waitFor();
  const times: number[] = [];
  for (let round = 0; round < rounds + 3; round++) {
    const time = await cell.evaluate(
      (element) =>
        new Promise<number>((resolve) => {
          const button = element.querySelector<HTMLElement>('[aria-label="Run cell"]');
          const started = performance.now();
          const before = element.querySelector(".output-line");
          const observer = new MutationObserver(() => {
            const line = element.querySelector(".output-line");
            const fresh = line !== null && line !== before && line.textContent === "here-it-is";
            if (!fresh || element.querySelector('[data-previous="true"]') !== null) return;
            observer.disconnect();
            resolve(performance.now() - started);
          });
          observer.observe(element, {
            childList: true,
            subtree: true,
            attributes: true,
            characterData: true,
          });
          button?.click();
        }),
    );
    await until("the run has ended", async () => (await cell.getAttribute("data-state")) === "done");
    // The first ones run on cold code.
    if (round >= 3) times.push(time);
  }
  const fresh: number[] = [];
  for (let round = 0; round < 5; round++)
    fresh.push(
      await person.page.evaluate(async () => {
        const started = performance.now();
        await globalThis.conch?.run(["bash", "-c", "echo here-it-is"]);
        return performance.now() - started;
      }),
    );
  return {
    what: "`echo` cell, click to output",
    measured: median(times),
    against: "a fresh bash for it",
    reference: median(fresh),
  };
}

/**
 * Notes when a key goes down, and when the editor's text changes, on the clock that all pages share. It runs in the
 * page; no function in it has a name, for which the loader would need a helper there.
 */
function recordTimes(lines: Element): void {
  const times: { keys: number[]; shown: number[] } = { keys: [], shown: [] };
  Object.assign(globalThis, { benchTimes: times });
  addEventListener("keydown", () => times.keys.push(performance.timeOrigin + performance.now()), {
    capture: true,
  });
  let text = lines.textContent;
  new MutationObserver(() => {
    if (lines.textContent === text) return;
    text = lines.textContent;
    times.shown.push(performance.timeOrigin + performance.now());
  }).observe(lines, { childList: true, subtree: true, characterData: true });
}

interface Times {
  readonly keys: readonly number[];
  readonly shown: readonly number[];
}

function readTimes(): Times {
  return (globalThis as unknown as { readonly benchTimes: Times }).benchTimes;
}

export async function measureKeystroke(stage: Stage): Promise<readonly Line[]> {
  return stage.with(2, async (ana, ben) => [await timeKeystroke(ana, ben)]);
}

async function timeKeystroke(ana: WorkspacePage, ben: WorkspacePage): Promise<Line> {
  await ana.ready();
  await ben.ready();
  const file = "keys.txt";
  await ana.write(file, "");
  await ben.file(file).waitFor();
  for (const person of [ana, ben]) {
    await person.openFile(file);
    await person.editor(file).waitFor();
  }
  await ana.focusEditor(file);
  // The first keystroke makes both sides draw everything once.
  await ana.type("x");
  await until("the other sees it", async () => (await ben.editorText(file)) === "x");
  for (const person of [ana, ben]) await person.editor(file).locator(".view-lines").evaluate(recordTimes);
  for (let key = 0; key < keystrokes; key++) {
    await ana.type("k");
    await until("the other sees it", async () => (await ben.editorText(file)).length === key + 2);
  }
  const [{ keys, shown: own }, { shown: other }] = await Promise.all([
    ana.page.evaluate(readTimes),
    ben.page.evaluate(readTimes),
  ]);
  const delay = (shown: readonly number[]): number =>
    median(
      keys
        .flatMap((pressed) => shown.find((time) => time >= pressed) ?? [])
        .map((time, key) => time - (keys[key] ?? time)),
    );
  return {
    what: "keystroke on the other's screen",
    measured: delay(other),
    against: "on one's own",
    reference: delay(own),
  };
}

/** The longest task on the page's thread while the guest computes, writes files and prints. */
export async function measureLongTask(stage: Stage): Promise<readonly Line[]> {
  return stage.with(1, async (person) => [await watchTasks(person)]);
}

async function watchTasks(person: WorkspacePage): Promise<Line> {
  await person.ready();
  await person.tab(notebook).click();
  const longest = await person.page.evaluate(async () => {
    let worst = 0;
    let last = performance.now();
    const observer = new PerformanceObserver((list) => {
      last = performance.now();
      for (const entry of list.getEntries()) worst = Math.max(worst, entry.duration);
    });
    observer.observe({ type: "longtask" });
    // What came before (showing the notebook, making its editors) is not the guest's work.
    const limit = performance.now() + 20_000;
    while (performance.now() - last < 1_000 && performance.now() < limit)
      await new Promise((resolve) => setTimeout(resolve, 100));
    worst = 0;
    await globalThis.conch?.run([
      "bash",
      "-c",
      "for i in $(seq 300); do echo line $i | tee -a busy.txt; done; python3 -c 'print(sum(range(10**6)))'",
    ]);
    observer.disconnect();
    return worst;
  });
  return {
    // The browser reports tasks from 50 ms on.
    what:
      longest === 0
        ? "longest task on the page while the guest works (none over)"
        : "longest task on the page while the guest works",
    measured: longest === 0 ? 50 : longest,
    against: "the goal",
    reference: 50,
  };
}
