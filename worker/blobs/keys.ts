// Where the blobs of a project are in the bucket.

export function blobPrefix(project: string): string {
  return `projects/${project}/blobs/`;
}

export function blobKey(project: string, hash: string): string {
  return blobPrefix(project) + hash;
}

/** Pieces of blobs that are still coming. */
export function partPrefix(project: string): string {
  return `projects/${project}/parts/`;
}

export function partsOf(project: string, hash: string): string {
  return `${partPrefix(project)}${hash}/`;
}
