// When the recorder of typed input looks at the session's terminals (./typed-input.ts).

/** Times of a look after Enter, then every `laterMs`: milliseconds. Echo was seen to go off 5 to 240 ms after Enter. */
const looksAfter = [10, 20, 40, 80, 160, 320];
const laterMs = 500;
const keyMs = 50;
/** A look competes with the echo of its key for the processor, so it comes a little later. */
const echoMs = 15;
const outputMs = 100;

/** What may make a look due. Instants are milliseconds. */
export interface LookTimes {
  /** When the last look began. */
  readonly asked: number;
  /** The last Enter. */
  readonly since: number;
  /** Whether it is certain that a raw terminal reads. */
  readonly certain: boolean;
  /** The first key that the last look did not see; undefined where there is none. */
  readonly key: number | undefined;
  /** Whether output came after it. */
  readonly output: boolean;
}

/** The instant of the next look; Infinity where none is due. */
export function nextLook({ asked, since, certain, key, output }: LookTimes): number {
  const due = [
    key === undefined ? Infinity : Math.max(asked + keyMs, key + echoMs),
    output ? asked + outputMs : Infinity,
  ];
  if (!certain) due.push(looksAfter.map((after) => since + after).find((time) => time > asked) ?? asked + laterMs);
  return Math.min(...due);
}
