// The global object of a Go program: the language, files, time and randomness, and nothing of the page or the process.
// What a program may reach here it may use as its reader's own; so the way back to the real global object, through the
// constructors of functions, is closed for this thread (a page's content security policy closes it as well).

export function goGlobal(own: Readonly<Record<string, unknown>>): object {
  closeFunctionConstructors();
  return {
    Object,
    Array,
    Uint8Array,
    Uint8ClampedArray,
    Int8Array,
    Int16Array,
    Int32Array,
    Uint16Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    ArrayBuffer,
    DataView,
    Map,
    Set,
    WeakMap,
    WeakSet,
    Promise,
    Proxy,
    Symbol,
    String,
    Number,
    Boolean,
    BigInt,
    Date,
    Math,
    JSON,
    RegExp,
    Error,
    TypeError,
    RangeError,
    Intl,
    Infinity,
    NaN: Number.NaN,
    parseInt,
    parseFloat,
    isNaN,
    isFinite,
    encodeURIComponent,
    decodeURIComponent,
    TextEncoder,
    TextDecoder,
    performance: { now: () => performance.now() },
    crypto: { getRandomValues: (bytes: Uint8Array) => crypto.getRandomValues(bytes) },
    ...own,
  };
}

/** Function, AsyncFunction and the generators' compile text in the real global scope. */
function closeFunctionConstructors(): void {
  const samples: readonly object[] = [
    () => undefined,
    async () => undefined,
    function* () {
      yield undefined;
    },
    async function* () {
      yield undefined;
    },
  ];
  for (const sample of samples)
    Object.defineProperty(Object.getPrototypeOf(sample), "constructor", {
      value: undefined,
      configurable: false,
      writable: false,
    });
}
