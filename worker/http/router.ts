// Routes as data. Each says what it needs of whoever asks, and its handler runs only after that need was met: there is
// no other way to make a route, and Hono is imported in this folder alone. Knows no tokens and no projects.

import { Hono, type Context } from "hono";
import type { Env } from "#worker/bindings/env.ts";

/** The request with its bindings, as a route of this path gets it. */
export type Asked<Path extends string = string> = Context<{ Bindings: Env }, Path>;

type Answer = Response | Promise<Response>;

type Checked<Grant> =
  | { readonly ok: true; readonly grant: Grant }
  | { readonly ok: false; readonly refusal: Response };

/** What somebody must bring to be answered by a route, and what the route then knows of them. */
export interface Need<Grant> {
  /** Names it in the table of routes. */
  readonly name: string;
  readonly check: (asked: Asked) => Checked<Grant> | Promise<Checked<Grant>>;
}

export interface RouteOptions {
  /** Answers where the check or the handler throws; without it that is a fault of the server. */
  readonly failed?: (thrown: unknown) => Response;
}

/** One address with a method; made by `route`. */
export class Route {
  /** "ALL" stands for every method, and GET answers HEAD too. */
  readonly method: string;
  readonly path: string;
  /** The name of its need. */
  readonly need: string;
  /** Private, so that no object that only looks like a route passes for one. */
  readonly #handle: (asked: Asked) => Promise<Response>;

  constructor(method: string, path: string, need: string, handle: (asked: Asked) => Promise<Response>) {
    this.method = method;
    this.path = path;
    this.need = need;
    this.#handle = handle;
  }

  handle(asked: Asked): Promise<Response> {
    return this.#handle(asked);
  }
}

/** A route whose handler gets what the need has found out. `path` is a pattern of Hono. */
export function route<Path extends string, Grant>(
  method: "GET" | "PUT" | "POST" | "DELETE" | "ALL",
  path: Path,
  need: Need<Grant>,
  answer: (asked: Asked<Path>, grant: Grant) => Answer,
  { failed }: RouteOptions = {},
): Route {
  return new Route(method, path, need.name, async (asked) => {
    try {
      const checked = await need.check(asked);
      if (!checked.ok) return checked.refusal;
      return await answer(asked, checked.grant);
    } catch (thrown) {
      if (failed === undefined) throw thrown;
      return failed(thrown);
    }
  });
}

/** The first route that fits a request answers it. */
export function router(routes: readonly Route[]): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  for (const each of routes) app.on(each.method, each.path, (asked) => each.handle(asked));
  app.onError((thrown) => {
    console.error(thrown);
    return Response.json({ error: "The server has a problem. Try again." }, { status: 500 });
  });
  return app;
}
