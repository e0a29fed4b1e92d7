// Where a piece of UTF-8 ends within a character.

/** Bytes of a character that has begun at the end and is not whole. */
export function unfinishedCharacter(bytes: Uint8Array): number {
  // A character has at most four bytes: its first byte is among the last three where it is not whole.
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf5 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
