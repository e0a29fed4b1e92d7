// The file systems of a machine's namespace, by the numbers that they have in inode numbers.

/**
 * Part of every inode number that a guest sees, and so of every snapshot and of what is kept of it: a number is never
 * given to another file system. The root has 0.
 */
export const mountNumber = { project: 1, task: 2, scratch: 3 } as const;
