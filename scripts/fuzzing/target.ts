// A target: what is fed, with what, and what must never happen.
import type fc from 'fast-check';

/** Something that must not happen has happened. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** @throws Finding */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Finding(what);
}

export interface Bench extends AsyncDisposable {
  readonly inputs: fc.Arbitrary<unknown>;
  /** Any error that it throws is a finding. */
  readonly feed: (input: unknown) => Promise<void> | void;
  /** How many executions one input is; one where it is not given. */
  readonly sizeOf: (input: unknown) => number;
  /** The longest that one input may take, milliseconds. */
  readonly limitMs: number;
  /** Resident memory of whoever is fed, bytes. */
  readonly memory: () => number;
  /** What must hold at the end. */
  readonly finish: () => Promise<void>;
}

export interface Target {
  readonly name: string;
  /** Needs root and a build: brings up a sandbox host. */
  readonly host: boolean;
  /** Its part of the time, beside the others. */
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

/** A target in this process. */
export function local(name: string, open: () => Bench | Promise<Bench>, share = 1): Target {
  return { name, host: false, share, open: async () => open() };
}
