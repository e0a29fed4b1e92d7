// JavaScript values that a Go program holds: numbers by value, everything else by number, counted.
// The layout is that of Go's package syscall/js: 8 bytes, a float or a NaN that carries a number and a kind.

/** High word of a NaN that carries a reference. */
const nanHead = 0x7ff8_0000;

/** What Go expects behind the first numbers, in this order: NaN, 0, null, true, false, the global object, the runtime. */
type Predefined = readonly unknown[];

const kind = { none: 0, object: 1, string: 2, symbol: 3, function: 4 } as const;

export class References {
  readonly #values: unknown[];
  readonly #counts: number[];
  readonly #numbers = new Map<unknown, number>();
  readonly #free: number[] = [];
  readonly #first: number;

  constructor(global: object, runtime: object) {
    const predefined: Predefined = [Number.NaN, 0, null, true, false, global, runtime];
    this.#values = [...predefined];
    this.#first = predefined.length;
    this.#counts = predefined.map(() => Infinity);
    for (const [number, value] of predefined.entries())
      if (typeof value !== "number" || value === 0) this.#numbers.set(value, number);
  }

  load(view: DataView, at: number): unknown {
    const float = view.getFloat64(at, true);
    if (float === 0) return undefined;
    if (!Number.isNaN(float)) return float;
    return this.#values[view.getUint32(at, true)];
  }

  store(view: DataView, at: number, value: unknown): void {
    if (typeof value === "number" && value !== 0) {
      if (Number.isNaN(value)) this.#putReference(view, at, 0, kind.none);
      else view.setFloat64(at, value, true);
      return;
    }
    if (value === undefined) {
      view.setFloat64(at, 0, true);
      return;
    }
    // -0 and 0 are one value to Go, and 0 has a number of its own: a float 0 means undefined.
    this.#putReference(view, at, this.#hold(value === 0 ? 0 : value), kindOf(value));
  }

  /** Go needs the value no more. */
  release(number: number): void {
    const count = (this.#counts[number] ?? 0) - 1;
    this.#counts[number] = count;
    if (count > 0 || number < this.#first) return;
    this.#numbers.delete(this.#values[number]);
    this.#values[number] = undefined;
    this.#free.push(number);
  }

  #hold(value: unknown): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#values.length;
      this.#values[number] = value;
      this.#counts[number] = 0;
      this.#numbers.set(value, number);
    }
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
    return number;
  }

  #putReference(view: DataView, at: number, number: number, type: number): void {
    view.setUint32(at + 4, nanHead | type, true);
    view.setUint32(at, number, true);
  }
}

function kindOf(value: unknown): number {
  switch (typeof value) {
    case "object":
      return value === null ? kind.none : kind.object;
    case "string":
      return kind.string;
    case "symbol":
      return kind.symbol;
    case "function":
      return kind.function;
    default:
      return kind.none;
  }
}
