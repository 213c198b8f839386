// Feeding one target for a time: random inputs from a seed, and, when one fails, the smallest that still fails.
//
// 1. The seed and the path that fast-check tells lead to the same failure again, in the same version of the code.
// 2. An input that takes longer than its limit is a finding: "never hangs" is one of the promises.
import fc from 'fast-check';
import { Finding, must, type Bench, type Target } from './target.ts';

export interface Plan {
  readonly seed: number;
  /** Of an earlier failure: begins there. */
  readonly path?: string | undefined;
  readonly ms: number;
}

export interface Failure {
  readonly problem: string;
  readonly input: string;
  /** Undefined for what showed only at the end. */
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

/** More than anybody has time for: the clock ends a run. */
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
      // Looking costs a read of proc(5); a leak does not hide between two looks.
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
  // The time may have been over before the input was small: it gets some of its own.
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
