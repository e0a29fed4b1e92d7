// What everybody may have: the page, the guest's files, and the frame of displays.

import { displayFramePath } from "#core/notebook/output/display-frame.ts";
import { route } from "#worker/http/router.ts";
import { nothing } from "#worker/identity/needs.ts";
import { displayFrame } from "./display-frame.ts";
import { serveStatic } from "./static-files.ts";

const frame = route("GET", displayFramePath, nothing, () => displayFrame());

const file = route("GET", "*", nothing, (c) => serveStatic(c.env, c.req.raw));

export const siteRoutes = [frame, file];
