// globalThis.conch from the first moment of a project's page: what is called waits until the rest has been loaded.

import type { ConchApi } from "./api.ts";

export function lateApi(loading: Promise<ConchApi>): ConchApi {
  let loaded: ConchApi | undefined;
  const ready = loading.then(async (api) => {
    loaded = api;
    await api.ready;
  });
  // Whoever waits for it gets the reason; nobody has to.
  ready.catch(() => undefined);
  const now = (): ConchApi => {
    if (loaded === undefined) throw new Error("The project is not open yet: await conch.ready first.");
    return loaded;
  };
  async function read(path: string): Promise<string>;
  async function read(path: string, options: { readonly bytes: true }): Promise<Uint8Array>;
  async function read(path: string, options?: { readonly bytes: true }): Promise<string | Uint8Array> {
    const { files } = await loading;
    return options === undefined ? files.read(path) : files.read(path, options);
  }
  return {
    ready,
    files: {
      list: async (...args) => (await loading).files.list(...args),
      read,
      write: async (...args) => (await loading).files.write(...args),
      rename: async (...args) => (await loading).files.rename(...args),
      remove: async (...args) => (await loading).files.remove(...args),
    },
    run: async (...args) => (await loading).run(...args),
    notebook: {
      cells: async (...args) => (await loading).notebook.cells(...args),
      run: async (...args) => (await loading).notebook.run(...args),
    },
    room: {
      state: () => now().room.state(),
      participants: () => now().room.participants(),
    },
  };
}
