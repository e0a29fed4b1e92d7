// Links and people of a project over HTTP, as the page changes them.

import type { Sharing, SharingRequest } from "#core/auth/sharing.ts";
import type { TestProject, TestServer } from "./server.ts";

export interface ShownSharing extends Sharing {
  readonly links: readonly (Sharing["links"][number] & { readonly url: string })[];
  readonly made?: string;
}

export async function tryShare(
  server: TestServer,
  project: TestProject,
  request?: SharingRequest | object,
): Promise<{ readonly status: number; readonly answer: ShownSharing & { readonly error?: string } }> {
  const response = await fetch(`${server.origin}/api/projects/${project.id}/sharing`, {
    method: request === undefined ? "GET" : "POST",
    headers: { Authorization: `Bearer ${project.token}` },
    ...(request === undefined ? {} : { body: JSON.stringify(request) }),
  });
  return { status: response.status, answer: (await response.json()) as ShownSharing };
}

/** As the holder of `project`'s token. */
export async function share(
  server: TestServer,
  project: TestProject,
  request?: SharingRequest,
): Promise<ShownSharing> {
  const { status, answer } = await tryShare(server, project, request);
  if (status !== 200) throw new Error(`${status}: ${answer.error ?? ""}`);
  return answer;
}

/** A link as a project that can be joined, and its id. */
export async function makeLink(
  server: TestServer,
  project: TestProject,
  wish: Omit<Extract<SharingRequest, { type: "make-link" }>, "type">,
): Promise<TestProject & { readonly link: string }> {
  const { links, made } = await share(server, project, { type: "make-link", ...wish });
  const link = links.find(({ id }) => id === made);
  if (link === undefined) throw new Error("invariant violation: a link that was made is not listed");
  return { id: project.id, url: link.url, token: new URL(link.url).hash.slice(1), link: link.id };
}
