// The command line of the headless participant: words to a plan, or a sentence about what is wrong. Does nothing itself.

import { parseArgs } from "node:util";

export const usage =
  "usage: npm run conch -- exec [--join URL] [--put LOCAL:PATH]… [--memory MB] [--verbose] -- COMMAND [ARGUMENT…]";

/** What a machine can have: Linux needs some, and without high memory it sees no more. */
const leastMegabytes = 64;
const mostMegabytes = 768;

export interface JoinAddress {
  /** "https://conch.example" */
  readonly server: string;
  readonly projectId: string;
  readonly token: string;
}

export interface Upload {
  readonly local: string;
  /** In the project; with a slash at its end, a folder to put it into. */
  readonly path: string;
}

export interface ExecPlan {
  readonly argv: readonly string[];
  readonly join?: JoinAddress;
  readonly puts: readonly Upload[];
  readonly memoryBytes?: number;
  /** Show the guest's console. */
  readonly verbose: boolean;
}

/** A mistake of whoever typed the command: `message` is a sentence. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function parseCommand(words: readonly string[]): ExecPlan {
  const [verb, ...rest] = words;
  if (verb !== "exec")
    throw new UsageError(
      `${verb === undefined ? "A command is missing" : `"${verb}" is no command`}; ${usage}`,
    );
  const end = rest.indexOf("--");
  const argv = end === -1 ? [] : rest.slice(end + 1);
  if (argv.length === 0) throw new UsageError(`The command to run is missing after "--"; ${usage}`);
  const values = parseOptions(rest.slice(0, end));
  return {
    argv,
    puts: (values.put ?? []).map(parseUpload),
    verbose: values.verbose ?? false,
    ...(values.join === undefined ? {} : { join: parseJoin(values.join) }),
    ...(values.memory === undefined ? {} : { memoryBytes: parseMemory(values.memory) }),
  };
}

function parseOptions(words: readonly string[]): {
  join?: string;
  put?: string[];
  memory?: string;
  verbose?: boolean;
} {
  try {
    return parseArgs({
      args: [...words],
      strict: true,
      options: {
        join: { type: "string" },
        put: { type: "string", multiple: true },
        memory: { type: "string" },
        verbose: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    const problem = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new UsageError(`${problem}; ${usage}`);
  }
}

/** A project's address as the browser shows it: /p/ID#TOKEN. */
export function parseJoin(text: string): JoinAddress {
  const wrong = (what: string): never => {
    throw new UsageError(`${JSON.stringify(text)} is no address of a project: ${what}.`);
  };
  if (!URL.canParse(text)) return wrong("it should look like http://HOST/p/PROJECT#TOKEN");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return wrong("it must begin with http:// or https://");
  const projectId = /^\/p\/([^/]+)\/?$/.exec(url.pathname)?.[1];
  if (projectId === undefined) return wrong("its path should be /p/PROJECT");
  const token = url.hash.slice(1);
  if (token === "")
    return wrong("the token after # is missing (quote the address, so that the shell keeps it)");
  return { server: url.origin, projectId, token };
}

/** At the last colon: a path in the project has none, a local one may. */
function parseUpload(text: string): Upload {
  const colon = text.lastIndexOf(":");
  const local = text.slice(0, colon);
  const path = text.slice(colon + 1);
  if (colon === -1 || local === "" || path === "")
    throw new UsageError(`--put takes LOCAL:PATH, not ${JSON.stringify(text)}.`);
  return { local, path };
}

function parseMemory(text: string): number {
  const megabytes = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(megabytes >= leastMegabytes && megabytes <= mostMegabytes))
    throw new UsageError(
      `--memory takes megabytes from ${leastMegabytes} to ${mostMegabytes}, not ${JSON.stringify(text)}.`,
    );
  return megabytes * 2 ** 20;
}
