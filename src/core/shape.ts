// Shapes: small validators for parsed JSON. Total and strict: an unknown key, a wrong type or a string that is too long makes the whole
// value undefined (law 1: anything unknown refuses).

/** Validates a value of unknown origin; undefined when it does not have the shape. Never throws. */
export type Shape<T> = (value: unknown) => T | undefined;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Read<S> = S extends Shape<infer T> ? T : never;
type OptionalKeys<F> = { [K in keyof F]: undefined extends Read<F[K]> ? K : never }[keyof F];
export type Shaped<F extends Fields> = { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Read<F[K]> } & {
  readonly [K in OptionalKeys<F>]?: Exclude<Read<F[K]>, undefined>;
};

/** The shapes of fields that may be missing. */
const optionals = new WeakSet<Shape<unknown>>();

/** A string of at most `max` characters (UTF-16 units) that matches the pattern. */
export function text(max: number, pattern?: RegExp): Shape<string> {
  return (value) =>
    typeof value === 'string' && value.length <= max && (pattern === undefined || pattern.test(value))
      ? value
      : undefined;
}

/** A safe integer from `min` to `max`, both included. */
export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max ? (value as number) : undefined;
}

export const boolean: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

/** One of these strings. */
export function oneOf<const T extends readonly string[]>(...words: T): Shape<T[number]> {
  return (value) => ((words as readonly unknown[]).includes(value) ? (value as T[number]) : undefined);
}

/** An array of at most `max` items of one shape. */
export function list<T>(item: Shape<T>, max: number): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > max) return undefined;
    const read = value.map(item);
    return read.includes(undefined) ? undefined : (read as T[]);
  };
}

/** In `object`: a field that may be missing. If it is there, it must have the shape. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  const wrapped: Shape<T | undefined> = (value) => shape(value);
  optionals.add(wrapped);
  return wrapped;
}

/** An object with these fields and no other key. */
export function object<F extends Fields>(fields: F): Shape<Shaped<F>> {
  const named = Object.entries(fields);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const source = value as Record<string, unknown>;
    if (Object.keys(source).some((key) => !Object.hasOwn(fields, key))) return undefined;
    const read: Record<string, unknown> = {};
    for (const [name, shape] of named) if (!readField(shape, name, source, read)) return undefined;
    return read as Shaped<F>;
  };
}

function readField(
  shape: Shape<unknown>,
  name: string,
  from: Record<string, unknown>,
  to: Record<string, unknown>,
): boolean {
  if (!Object.hasOwn(from, name)) return optionals.has(shape);
  const value = shape(from[name]);
  if (value === undefined) return false;
  to[name] = value;
  return true;
}

/** Parses JSON of at most `max` characters; undefined when it is longer, no JSON, or not of the shape. Never throws. */
export function parseJson<T>(json: string, shape: Shape<T>, max: number): T | undefined {
  if (json.length > max) return undefined;
  try {
    return shape(JSON.parse(json) as unknown);
  } catch {
    return undefined;
  }
}
