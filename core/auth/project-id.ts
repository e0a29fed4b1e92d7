// Names of projects: unguessable, and safe in URLs and file names.

const letters = "abcdefghijkmnpqrstuvwxyz23456789";
/** 20 letters of 32: 100 random bits. */
const length = 20;
const pattern = new RegExp(`^[${letters}]{${length}}$`);

export function newProjectId(): string {
  let id = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) id += letters[byte % 32];
  return id;
}

export function isProjectId(id: string): boolean {
  return pattern.test(id);
}
