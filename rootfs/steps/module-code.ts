// What a module is as a program: itself and all that it imports. Knows nothing of what they do.

import { build } from "esbuild";

/**
 * The code of a module and of everything that it imports, packages too, as one: the same where only comments, types
 * and line ends are others. What is read at run time is not part of it.
 */
export async function moduleCode(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    platform: "node",
    format: "esm",
    legalComments: "none",
    // A program of its own, which the code does not change with.
    external: ["esbuild"],
    logLevel: "error",
  });
  const [code] = outputFiles;
  if (code === undefined) throw new Error(`invariant violation: ${entry} gave no code`);
  return code.contents;
}
