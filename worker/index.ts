// The Worker. What happens in a project is the room's business.

import type { Env } from "./bindings/env.ts";
import { withHeaders } from "./http/headers.ts";
import { router } from "./http/router.ts";
import { routes } from "./routes.ts";

export { Account } from "./identity/account.ts";
export { ProjectRoom } from "./room/project-room.ts";

const app = router(routes);

export default {
  async fetch(request, env, context) {
    return withHeaders(await app.fetch(request, env, context));
  },
} satisfies ExportedHandler<Env>;
