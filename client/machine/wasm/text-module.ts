// WebAssembly's text form to bytes: the one place that loads wabt, and only when a cell needs it.

/** Rejects with a sentence that says where the text is wrong. */
export async function compileText(text: string): Promise<Uint8Array> {
  const { default: loadWabt } = await import("wabt");
  const wabt = await loadWabt();
  try {
    const module = wabt.parseWat("cell.wat", text);
    try {
      module.resolveNames();
      module.validate();
      return module.toBinary({}).buffer;
    } finally {
      module.destroy();
    }
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`The module in this cell is not valid: ${message.trim()}`, { cause: thrown });
  }
}
