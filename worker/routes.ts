// Every address of the server, in the order in which they are tried.

import { blobRoutes } from "./blobs/routes.ts";
import { isWebSocket, refuse, refuseSocket, unknownProject } from "./http/refusal.ts";
import { route, type Route } from "./http/router.ts";
import { nothing } from "./identity/needs.ts";
import { identityRoutes } from "./identity/routes.ts";
import { projectRoutes } from "./projects/routes.ts";
import { sharingRoutes } from "./projects/sharing-routes.ts";
import { siteRoutes } from "./site/routes.ts";

const unknownAddress = { status: 404, sentence: "There is no such address." } as const;

/** Below these there are no files. */
const closed = [
  route("ALL", "/api/*", nothing, () => refuse(unknownAddress)),
  route("ALL", "/parties/*", nothing, (c) =>
    isWebSocket(c.req.raw) ? refuseSocket(unknownProject) : refuse(unknownAddress),
  ),
];

const readOnly = route("ALL", "*", nothing, () =>
  refuse({ status: 405, sentence: "This address can only be read." }),
);

export const routes: readonly Route[] = [
  ...projectRoutes,
  ...sharingRoutes,
  ...identityRoutes,
  ...blobRoutes,
  ...closed,
  ...siteRoutes,
  readOnly,
];
