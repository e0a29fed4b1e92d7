// What WebAssembly programs cannot do where threads share no memory: a sentence for people.

export const unsharedLimits =
  "This page is not isolated from others, so its threads share no memory: WebAssembly programs get a copy of the files in the working directory and /tmp as they are at their start, and what is typed does not reach them (input from a file does).";
