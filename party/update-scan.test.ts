// The scan against Yjs itself: what it finds in random documents is what Yjs decodes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { scanUpdate, TooManyPieces } from "./update-scan.ts";

/** What Yjs makes of an update, in the scan's words. */
function decoded(update: Uint8Array): { structs: Record<number, number>; deletions: Record<number, number> } {
  const { structs, ds } = Y.decodeUpdate(update);
  const lengths: Record<number, number> = {};
  for (const struct of structs)
    if (!(struct instanceof Y.Skip))
      lengths[struct.id.client] = (lengths[struct.id.client] ?? 0) + struct.length;
  const deletions: Record<number, number> = {};
  for (const [client, ranges] of ds.clients)
    deletions[client] = ranges.reduce((sum, { len }) => sum + len, 0);
  return { structs: lengths, deletions };
}

function scanned(update: Uint8Array): ReturnType<typeof decoded> {
  const scan = scanUpdate(update, 1e6);
  const sums = (map: typeof scan.structs): Record<number, number> =>
    Object.fromEntries(
      [...map].flatMap(([client, ranges]) =>
        ranges.length === 0 ? [] : [[client, ranges.reduce((sum, { from, to }) => sum + to - from, 0)]],
      ),
    );
  return { structs: sums(scan.structs), deletions: sums(scan.deletions) };
}

const changes: readonly ((doc: Y.Doc, at: number) => void)[] = [
  (doc, at) => doc.getText("t").insert(at % (doc.getText("t").length + 1), `a😀${at}`),
  (doc, at) => doc.getText("t").delete(0, Math.min(at % 5, doc.getText("t").length)),
  (doc, at) => doc.getText("t").format(0, Math.min(at % 9, doc.getText("t").length), { bold: at % 2 === 0 }),
  (doc, at) => doc.getText("t").insertEmbed(0, { at }),
  (doc, at) => doc.getMap("m").set(`k${at % 4}`, { at, list: [at, null, "x", true] }),
  (doc, at) => doc.getMap("m").set(`b${at % 2}`, new Uint8Array(at % 20)),
  (doc, at) => doc.getMap("m").set("doc", new Y.Doc({ guid: `g${at}` })),
  (doc, at) => doc.getMap("m").set("type", at % 2 === 0 ? new Y.Text("x") : new Y.Array()),
  (doc, at) => doc.getArray("a").push([at, `${at}`, { deep: [at] }]),
  (doc, at) => doc.getXmlFragment("x").insert(0, [at % 2 === 0 ? new Y.XmlElement("p") : new Y.XmlText("t")]),
];

describe("the scan of an update", () => {
  it("finds what Yjs finds", () => {
    const step = fc.tuple(fc.nat(changes.length - 1), fc.nat(1000), fc.nat(1));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const docs = [new Y.Doc(), new Y.Doc()];
        const single: Uint8Array[] = [];
        for (const [change, at, who] of steps) {
          const doc = docs[who] ?? new Y.Doc();
          doc.once("update", (update: Uint8Array) => single.push(update));
          doc.transact(() => changes[change]?.(doc, at));
          // A gap between the two: merged updates say that something is missing.
          if (at % 7 === 0) Y.applyUpdate(docs[0] ?? doc, Y.encodeStateAsUpdate(docs[1] ?? doc));
        }
        const gappy = single.filter((_, index) => index % 3 !== 1);
        for (const update of [
          ...single,
          ...docs.map((doc) => Y.encodeStateAsUpdate(doc)),
          ...(gappy.length > 0 ? [Y.mergeUpdates(gappy)] : []),
        ])
          expect(scanned(update)).toEqual(decoded(update));
      }),
      { numRuns: 200 },
    );
  });

  it("throws where there is less than was promised, and where there is more than wanted", () => {
    const doc = new Y.Doc();
    for (let index = 0; index < 50; index++) doc.getMap("m").set(`${index}`, index);
    const update = Y.encodeStateAsUpdate(doc);
    for (let length = 0; length < update.length; length++)
      expect(() => scanUpdate(update.subarray(0, length), 1000), `${length} bytes`).toThrow();
    expect(scanUpdate(update, 1000).pieces).toBeGreaterThanOrEqual(50);
    expect(() => scanUpdate(update, 10)).toThrow(TooManyPieces);
  });

  it("passes nothing that Yjs could not merge with what others write", () => {
    const doc = new Y.Doc();
    for (const [index, change] of changes.entries()) doc.transact(() => change(doc, index + 3));
    doc.getText("t").delete(0, 2);
    const update = Y.encodeStateAsUpdate(doc);
    const other = new Y.Doc();
    other.getText("t").insert(0, "other");
    const good = Y.encodeStateAsUpdate(other);
    const damage = fc.array(fc.tuple(fc.nat(update.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, (damages) => {
        const damaged = update.slice();
        for (const [at, byte] of damages) damaged[at] = byte;
        try {
          scanUpdate(damaged, 10_000);
        } catch {
          return;
        }
        Y.mergeUpdates([good, damaged]);
      }),
      { numRuns: 3000 },
    );
  });
});
