// Where what a file is made of comes from cannot be reached: unlike bytes that are damaged, it may be there later.

export class Unreachable extends Error {
  override readonly name = "Unreachable";

  /** `message` is a sentence. */
  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}
