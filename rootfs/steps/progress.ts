// What a build says on stderr while it works: one line a step, kept alive only on a terminal.

export interface Progress {
  /** Runs a step under a name; `note` says what it is at, its result may tell a size in bytes. */
  step<T>(
    name: string,
    work: (note: (text: string) => void) => Promise<T>,
    size?: (result: T) => number,
  ): Promise<T>;
  say(text: string): void;
}

/** On a terminal a running step is redrawn this often. */
const redrawMs = 500;

export function terminalProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const live = out.isTTY;
  return {
    say: (text) => void out.write(`${text}\n`),
    async step(name, work, size) {
      const started = performance.now();
      const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
      let at = "";
      const draw = (): void => {
        const line = `  ${name} … ${seconds()}${at === "" ? "" : `  ${at}`}`;
        out.write(`\r${line.slice(0, (out.columns || 80) - 1)}\x1b[K`);
      };
      const timer = live ? setInterval(draw, redrawMs) : undefined;
      if (live) draw();
      else out.write(`  ${name} …\n`);
      try {
        const result = await work((text) => (at = text));
        const bytes = size === undefined ? "" : `, ${(size(result) / 1e6).toFixed(1)} MB`;
        out.write(`${live ? "\r" : ""}  ${name}: ${seconds()}${bytes}${live ? "\x1b[K" : ""}\n`);
        return result;
      } catch (error) {
        out.write(`${live ? "\r" : ""}  ${name}: failed after ${seconds()}${live ? "\x1b[K" : ""}\n`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
