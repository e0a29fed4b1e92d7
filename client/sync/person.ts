// Who I am to the others: made at the first visit, kept by the page, editable. Knows no storage.

import { cleanName, personColor, personId, type Person } from "#core/room/person.ts";

export type { Person } from "#core/room/person.ts";

/** A person and the secret that proves it: the key stays in the browser, the id is its hash. */
export interface Identity extends Person {
  readonly key: string;
}

const adjectives = [
  "Amber",
  "Azure",
  "Brave",
  "Bright",
  "Calm",
  "Clever",
  "Coral",
  "Cosy",
  "Eager",
  "Early",
  "Gentle",
  "Golden",
  "Happy",
  "Hazel",
  "Indigo",
  "Ivory",
  "Jade",
  "Jolly",
  "Keen",
  "Kind",
  "Lively",
  "Lucky",
  "Mellow",
  "Merry",
  "Misty",
  "Nimble",
  "Noble",
  "Olive",
  "Patient",
  "Pearl",
  "Plucky",
  "Quiet",
  "Quick",
  "Rosy",
  "Ruby",
  "Russet",
  "Sandy",
  "Scarlet",
  "Silver",
  "Sunny",
  "Swift",
  "Teal",
  "Tidy",
  "Velvet",
  "Violet",
  "Warm",
  "Wise",
  "Witty",
] as const;

const animals = [
  "Badger",
  "Beaver",
  "Bison",
  "Cormorant",
  "Crane",
  "Curlew",
  "Deer",
  "Dolphin",
  "Dove",
  "Egret",
  "Falcon",
  "Ferret",
  "Finch",
  "Fox",
  "Gecko",
  "Goose",
  "Hare",
  "Hedgehog",
  "Heron",
  "Ibis",
  "Jackdaw",
  "Kestrel",
  "Kingfisher",
  "Koala",
  "Lark",
  "Lemur",
  "Lynx",
  "Magpie",
  "Marten",
  "Mole",
  "Newt",
  "Octopus",
  "Otter",
  "Owl",
  "Panda",
  "Pelican",
  "Puffin",
  "Rabbit",
  "Raven",
  "Robin",
  "Seal",
  "Sparrow",
  "Squirrel",
  "Starling",
  "Stork",
  "Swallow",
  "Turtle",
  "Wren",
] as const;

/** The same key always gives the same person. */
export function personFromSeed(key: string): Identity {
  const id = personId(key);
  const adjective = adjectives[Number.parseInt(id.slice(0, 6), 16) % adjectives.length] ?? adjectives[0];
  const animal = animals[Number.parseInt(id.slice(6, 12), 16) % animals.length] ?? animals[0];
  return { key, id, name: `${adjective} ${animal}`, color: personColor(id) };
}

export function newIdentity(): Identity {
  return personFromSeed(crypto.randomUUID());
}

/** The identity under another name; unchanged where nothing of the name can be shown. */
export function renamed(identity: Identity, name: string): Identity {
  const cleaned = cleanName(name);
  return cleaned === "" ? identity : { ...identity, name: cleaned };
}
