// The Worker: routes to projects, blobs and static files. What happens in a project is the room's business.

import { Hono } from "hono";
import { blobs } from "./blobs/routes.ts";
import { displayFramePath } from "#core/notebook/output/display-frame.ts";
import { displayFrame } from "./site/display-frame.ts";
import type { Env } from "./bindings/env.ts";
import { withHeaders } from "./http/headers.ts";
import { projects } from "./projects/routes.ts";
import { isWebSocket, refuse, refuseSocket, unknownProject } from "./http/refusal.ts";
import { sharing } from "./projects/sharing-routes.ts";
import { signIn } from "./identity/routes.ts";
import { serveStatic } from "./site/static-files.ts";

export { Account } from "./identity/account.ts";
export { ProjectRoom } from "./room/project-room.ts";

const app = new Hono<{ Bindings: Env }>();
app.route("/", projects);
app.route("/", sharing);
app.route("/", signIn);
app.route("/", blobs);
app.all("/api/*", () => refuse({ status: 404, sentence: "There is no such address." }));
app.all("/parties/*", (c) =>
  isWebSocket(c.req.raw)
    ? refuseSocket(unknownProject)
    : refuse({ status: 404, sentence: "There is no such address." }),
);
app.get(displayFramePath, () => displayFrame());
app.on(["GET", "HEAD"], "*", (c) => serveStatic(c.env, c.req.raw));
app.all("*", () => refuse({ status: 405, sentence: "This address can only be read." }));
app.onError((thrown) => {
  console.error(thrown);
  return Response.json({ error: "The server has a problem. Try again." }, { status: 500 });
});

export default {
  async fetch(request, env, context) {
    return withHeaders(await app.fetch(request, env, context));
  },
} satisfies ExportedHandler<Env>;
