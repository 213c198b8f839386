// Targets of the fuzzer: the inputs, how they are fed, and what must hold.
import type fc from 'fast-check';

/** Thrown when something does not hold that must. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** @throws Finding with this text when `holds` is false */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Finding(what);
}

/** A target that is ready to be fed; disposing ends it. */
export interface Bench extends AsyncDisposable {
  readonly inputs: fc.Arbitrary<unknown>;
  /** Feeds one input; any error is a finding. */
  readonly feed: (input: unknown) => Promise<void> | void;
  /** How many executions one input counts as. */
  readonly sizeOf: (input: unknown) => number;
  /** The longest time for one input: milliseconds. */
  readonly limitMs: number;
  /** Resident memory of the process that is fed: bytes. */
  readonly memory: () => number;
  /** Checks what must hold at the end. @throws Finding when it does not */
  readonly finish: () => Promise<void>;
}

export interface Target {
  readonly name: string;
  /** Whether it starts a sandbox host, for which it needs root and a build. */
  readonly host: boolean;
  /** Its share of the time, in proportion to those of the others. */
  readonly share: number;
  readonly open: () => Promise<Bench>;
}

interface BenchOptions<T> {
  readonly inputs: fc.Arbitrary<T>;
  readonly feed: (input: T) => Promise<void> | void;
  readonly sizeOf?: (input: T) => number;
  readonly limitMs?: number;
  readonly memory?: () => number;
  readonly finish?: () => Promise<void>;
  readonly close?: () => Promise<void>;
}

const generousMs = 5_000;

/** A bench, with defaults for what is not given. */
export function bench<T>(options: BenchOptions<T>): Bench {
  const { inputs, feed, sizeOf = () => 1, limitMs = generousMs, memory, finish, close } = options;
  return {
    inputs,
    feed: (input) => feed(input as T),
    sizeOf: (input) => sizeOf(input as T),
    limitMs,
    memory: memory ?? (() => process.memoryUsage.rss()),
    finish: finish ?? (async () => Promise.resolve()),
    [Symbol.asyncDispose]: close ?? (async () => Promise.resolve()),
  };
}

/** A target that is fed within this process. */
export function local(name: string, open: () => Bench | Promise<Bench>, share = 1): Target {
  return { name, host: false, share, open: async () => open() };
}
