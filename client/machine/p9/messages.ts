// The messages of 9P2000.L as Linux speaks it: one table, from which the types and the codec follow.
// Knows no bytes and no file system. The numbers are those of include/net/9p/9p.h.

/** A file as the guest's cache knows it: `version` 0 means that it must never be cached. */
export interface Qid {
  readonly type: number;
  readonly version: number;
  readonly path: number;
}

/** How the fields of a message are written. Integers are little-endian, and unsigned where nothing else is said. */
interface FieldValues {
  u8: number;
  u16: number;
  u32: number;
  /** Above 2^53 the value is only near. */
  u64: number;
  /** Signed: seconds before 1970. */
  i64: number;
  /** u16 length, UTF-8. */
  string: string;
  /** u32 length, bytes. */
  data: Uint8Array;
  /** u16 count, strings. */
  strings: readonly string[];
  qid: Qid;
  /** u16 count, qids. */
  qids: readonly Qid[];
}
export type FieldType = keyof FieldValues;

export const layouts = {
  Rlerror: { type: 7, fields: { ecode: "u32" } },
  Tstatfs: { type: 8, fields: { fid: "u32" } },
  Rstatfs: {
    type: 9,
    fields: {
      fsType: "u32",
      blockSize: "u32",
      blocks: "u64",
      blocksFree: "u64",
      blocksAvailable: "u64",
      files: "u64",
      filesFree: "u64",
      fsid: "u64",
      nameMax: "u32",
    },
  },
  Tlopen: { type: 12, fields: { fid: "u32", flags: "u32" } },
  Rlopen: { type: 13, fields: { qid: "qid", iounit: "u32" } },
  Tlcreate: { type: 14, fields: { fid: "u32", name: "string", flags: "u32", mode: "u32", gid: "u32" } },
  Rlcreate: { type: 15, fields: { qid: "qid", iounit: "u32" } },
  Tsymlink: { type: 16, fields: { fid: "u32", name: "string", target: "string", gid: "u32" } },
  Rsymlink: { type: 17, fields: { qid: "qid" } },
  Tmknod: {
    type: 18,
    fields: { fid: "u32", name: "string", mode: "u32", major: "u32", minor: "u32", gid: "u32" },
  },
  Rmknod: { type: 19, fields: { qid: "qid" } },
  Trename: { type: 20, fields: { fid: "u32", directory: "u32", name: "string" } },
  Rrename: { type: 21, fields: {} },
  Treadlink: { type: 22, fields: { fid: "u32" } },
  Rreadlink: { type: 23, fields: { target: "string" } },
  Tgetattr: { type: 24, fields: { fid: "u32", mask: "u64" } },
  Rgetattr: {
    type: 25,
    fields: {
      valid: "u64",
      qid: "qid",
      mode: "u32",
      uid: "u32",
      gid: "u32",
      nlink: "u64",
      rdev: "u64",
      size: "u64",
      blockSize: "u64",
      blocks: "u64",
      atimeSeconds: "i64",
      atimeNanoseconds: "u64",
      mtimeSeconds: "i64",
      mtimeNanoseconds: "u64",
      ctimeSeconds: "i64",
      ctimeNanoseconds: "u64",
      btimeSeconds: "i64",
      btimeNanoseconds: "u64",
      generation: "u64",
      dataVersion: "u64",
    },
  },
  Tsetattr: {
    type: 26,
    fields: {
      fid: "u32",
      valid: "u32",
      mode: "u32",
      uid: "u32",
      gid: "u32",
      size: "u64",
      atimeSeconds: "i64",
      atimeNanoseconds: "u64",
      mtimeSeconds: "i64",
      mtimeNanoseconds: "u64",
    },
  },
  Rsetattr: { type: 27, fields: {} },
  Txattrwalk: { type: 30, fields: { fid: "u32", newFid: "u32", name: "string" } },
  Rxattrwalk: { type: 31, fields: { size: "u64" } },
  Txattrcreate: { type: 32, fields: { fid: "u32", name: "string", size: "u64", flags: "u32" } },
  Rxattrcreate: { type: 33, fields: {} },
  Treaddir: { type: 40, fields: { fid: "u32", offset: "u64", count: "u32" } },
  Rreaddir: { type: 41, fields: { data: "data" } },
  Tfsync: { type: 50, fields: { fid: "u32", dataOnly: "u32" } },
  Rfsync: { type: 51, fields: {} },
  Tlock: {
    type: 52,
    fields: {
      fid: "u32",
      lock: "u8",
      flags: "u32",
      start: "u64",
      length: "u64",
      process: "u32",
      client: "string",
    },
  },
  Rlock: { type: 53, fields: { status: "u8" } },
  Tgetlock: {
    type: 54,
    fields: { fid: "u32", lock: "u8", start: "u64", length: "u64", process: "u32", client: "string" },
  },
  Rgetlock: {
    type: 55,
    fields: { lock: "u8", start: "u64", length: "u64", process: "u32", client: "string" },
  },
  Tlink: { type: 70, fields: { directory: "u32", fid: "u32", name: "string" } },
  Rlink: { type: 71, fields: {} },
  Tmkdir: { type: 72, fields: { fid: "u32", name: "string", mode: "u32", gid: "u32" } },
  Rmkdir: { type: 73, fields: { qid: "qid" } },
  Trenameat: { type: 74, fields: { from: "u32", name: "string", to: "u32", newName: "string" } },
  Rrenameat: { type: 75, fields: {} },
  Tunlinkat: { type: 76, fields: { fid: "u32", name: "string", flags: "u32" } },
  Runlinkat: { type: 77, fields: {} },
  Tversion: { type: 100, fields: { msize: "u32", version: "string" } },
  Rversion: { type: 101, fields: { msize: "u32", version: "string" } },
  Tauth: { type: 102, fields: { fid: "u32", userName: "string", attachName: "string", uid: "u32" } },
  Rauth: { type: 103, fields: { qid: "qid" } },
  Tattach: {
    type: 104,
    fields: { fid: "u32", authFid: "u32", userName: "string", attachName: "string", uid: "u32" },
  },
  Rattach: { type: 105, fields: { qid: "qid" } },
  Tflush: { type: 108, fields: { oldTag: "u16" } },
  Rflush: { type: 109, fields: {} },
  Twalk: { type: 110, fields: { fid: "u32", newFid: "u32", names: "strings" } },
  Rwalk: { type: 111, fields: { qids: "qids" } },
  Tread: { type: 116, fields: { fid: "u32", offset: "u64", count: "u32" } },
  Rread: { type: 117, fields: { data: "data" } },
  Twrite: { type: 118, fields: { fid: "u32", offset: "u64", data: "data" } },
  Rwrite: { type: 119, fields: { count: "u32" } },
  Tclunk: { type: 120, fields: { fid: "u32" } },
  Rclunk: { type: 121, fields: {} },
  Tremove: { type: 122, fields: { fid: "u32" } },
  Rremove: { type: 123, fields: {} },
} as const satisfies Record<string, { type: number; fields: Record<string, FieldType> }>;

export type Kind = keyof typeof layouts;
export type RequestKind = Extract<Kind, `T${string}`>;
export type ReplyKind = Extract<Kind, `R${string}`>;

export type Body<K extends Kind> = {
  readonly [
    Field in keyof (typeof layouts)[K]["fields"]
  ]: (typeof layouts)[K]["fields"][Field] extends FieldType
    ? FieldValues[(typeof layouts)[K]["fields"][Field]]
    : never;
};

export type MessageOf<K extends Kind> = {
  readonly [Each in K]: { readonly kind: Each; readonly tag: number } & Body<Each>;
}[K];
export type Message = MessageOf<Kind>;
export type Request = MessageOf<RequestKind>;
/** A reply without its tag, which the server adds. */
export type Reply = { readonly [K in ReplyKind]: { readonly kind: K } & Body<K> }[ReplyKind];

/** "No fid", of the authFid of a Tattach. */
export const noFid = 0xffff_ffff;

export const qidType = { directory: 0x80, symlink: 0x02, file: 0x00 } as const;

/** Tsetattr's `valid`. */
export const setattrValid = {
  mode: 0x1,
  uid: 0x2,
  gid: 0x4,
  size: 0x8,
  atime: 0x10,
  mtime: 0x20,
  ctime: 0x40,
  atimeSet: 0x80,
  mtimeSet: 0x100,
} as const;

/** Rgetattr's `valid` for everything that stat(2) tells. */
export const getattrBasic = 0x7ff;

/** Tunlinkat's flag for directories. */
export const atRemoveDir = 0x200;

export const lockKind = { read: 0, write: 1, unlock: 2 } as const;
export const lockStatus = { success: 0, blocked: 1, error: 2 } as const;

/** Txattrcreate's flags, as of setxattr(2). */
export const xattrFlag = { create: 1, replace: 2 } as const;
