// Bodies of requests as JSON that has the expected shape, or nothing.

import * as v from "valibot";

/** Undefined where it is no JSON; no body counts as {}. */
export async function readBody(request: Request): Promise<unknown> {
  const text = await request.text();
  try {
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The parsed body, or undefined where it is not what was asked for. */
export async function readJson<S extends v.GenericSchema>(
  request: Request,
  schema: S,
): Promise<v.InferOutput<S> | undefined> {
  const result = v.safeParse(schema, await readBody(request));
  return result.success ? result.output : undefined;
}
