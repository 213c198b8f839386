// Feeds one target for a time with random inputs from a seed. When one fails, finds the smallest input that still fails.
//
// 1. Seed and path (of fast-check) lead to the same failure again, in the same version of the code.
// 2. An input that takes longer than its limit is a finding, since nothing may hang.
import fc from 'fast-check';
import { Finding, must, type Bench, type Target } from './target.ts';

export interface Plan {
  readonly seed: number;
  /** The path of an earlier failure, at which to begin. */
  readonly path?: string | undefined;
  readonly ms: number;
}

export interface Failure {
  readonly problem: string;
  readonly input: string;
  /** Undefined for what was found only at the end. */
  readonly path: string | undefined;
}

export interface Outcome {
  readonly target: string;
  readonly executions: number;
  readonly perSecond: number;
  readonly worstMs: number;
  /** Bytes. */
  readonly memory: number;
  readonly failure: Failure | undefined;
}

/** More inputs than the time allows; the time ends a run. */
const endless = 2 ** 30;
const shrinkMs = 20_000;

class Meter {
  executions = 0;
  worstMs = 0;
  memory = 0;
  readonly #began = performance.now();

  get perSecond(): number {
    return (this.executions * 1000) / (performance.now() - this.#began);
  }

  async time(bench: Bench, input: unknown): Promise<void> {
    const began = performance.now();
    try {
      await within(bench, input);
    } finally {
      const took = performance.now() - began;
      this.worstMs = Math.max(this.worstMs, took);
      this.executions += bench.sizeOf(input);
      // Memory is read only now and then, since each read costs time; a leak is found all the same.
      if (this.executions % 64 < bench.sizeOf(input)) this.memory = Math.max(this.memory, bench.memory());
    }
    must(performance.now() - began <= bench.limitMs, `took longer than ${bench.limitMs} ms`);
  }
}

async function within({ feed, limitMs }: Bench, input: unknown): Promise<void> {
  const work = feed(input);
  if (work === undefined) return;
  let late: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Finding(`no end within ${limitMs} ms`)), limitMs * 2);
  });
  await Promise.race([work, hang]).finally(() => clearTimeout(late));
}

/** Feeds a target for `ms` milliseconds. */
export async function run(target: Target, { seed, path, ms }: Plan): Promise<Outcome> {
  await using bench = await target.open();
  const meter = new Meter();
  const property = fc.asyncProperty(bench.inputs, async (input) => meter.time(bench, input));
  const check = async (from: string | undefined, limit: number) =>
    fc.check(property, {
      seed,
      ...(from === undefined ? {} : { path: from }),
      numRuns: endless,
      interruptAfterTimeLimit: limit,
    });
  const found = await check(path, ms);
  // The time may end before the input is small, so shrinking gets time of its own.
  const smallest =
    found.failed && found.counterexamplePath !== null ? await check(found.counterexamplePath, shrinkMs) : found;
  const failure = failureOf(smallest.failed ? smallest : found) ?? (await atTheEnd(bench));
  const { executions, perSecond, worstMs, memory } = meter;
  return { target: target.name, executions, perSecond, worstMs, memory: Math.max(memory, bench.memory()), failure };
}

function failureOf({
  failed,
  counterexample,
  counterexamplePath,
  errorInstance,
}: fc.RunDetails<[unknown]>): Failure | undefined {
  if (!failed || counterexample === null) return undefined;
  return {
    problem: textOf(errorInstance),
    input: fc.stringify(counterexample[0]),
    path: counterexamplePath,
  };
}

async function atTheEnd(bench: Bench): Promise<Failure | undefined> {
  try {
    await bench.finish();
    return undefined;
  } catch (error) {
    return { problem: textOf(error), input: '(all of it together)', path: undefined };
  }
}

function textOf(error: unknown): string {
  if (error instanceof Finding) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
