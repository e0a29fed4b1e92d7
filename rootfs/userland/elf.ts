// The little of an ELF file that the dynamic linker's cache needs: is it a 32-bit x86 shared library, and its SONAME.

const elfMagic = 0x464c457f;
const class32 = 1;
const machine386 = 3;
const typeShared = 3;
const segmentLoad = 1;
const segmentDynamic = 2;
const tagNeeded = 1;
const tagStringTable = 5;
const tagSoname = 14;

/** The SONAME of an i386 shared library; "" where it has none, undefined where the file is none. */
export function readSoname(data: Uint8Array): string | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 52 || view.getUint32(0, true) !== elfMagic || data[4] !== class32) return undefined;
  if (view.getUint16(16, true) !== typeShared || view.getUint16(18, true) !== machine386) return undefined;
  const table = view.getUint32(28, true);
  const entrySize = view.getUint16(42, true);
  const loads: { offset: number; address: number; size: number }[] = [];
  let dynamic: { offset: number; size: number } | undefined;
  for (let index = 0; index < view.getUint16(44, true); index++) {
    const at = table + index * entrySize;
    const type = view.getUint32(at, true);
    const offset = view.getUint32(at + 4, true);
    const size = view.getUint32(at + 16, true);
    if (type === segmentLoad) loads.push({ offset, address: view.getUint32(at + 8, true), size });
    if (type === segmentDynamic) dynamic = { offset, size };
  }
  if (dynamic === undefined) return undefined;

  let soname: number | undefined;
  let strings: number | undefined;
  let isLibrary = false;
  for (let at = dynamic.offset; at + 8 <= dynamic.offset + dynamic.size; at += 8) {
    const tag = view.getUint32(at, true);
    const value = view.getUint32(at + 4, true);
    if (tag === 0) break;
    if (tag === tagNeeded) isLibrary = true;
    if (tag === tagSoname) soname = value;
    if (tag === tagStringTable) {
      const load = loads.find(({ address, size }) => value >= address && value < address + size);
      if (load !== undefined) strings = value - load.address + load.offset;
    }
  }
  if (soname === undefined || strings === undefined) return isLibrary ? "" : undefined;
  const start = strings + soname;
  const end = data.indexOf(0, start);
  return end < 0 ? undefined : Buffer.from(data.subarray(start, end)).toString("latin1");
}
