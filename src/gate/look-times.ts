// When the recorder of typed input looks at the session's terminals (./typed-input.ts).

/** Times of a look after Enter, then every `laterMs`: milliseconds. Echo was seen to go off 5 to 240 ms after Enter. */
const looksAfter = [10, 20, 40, 80, 160, 320];
const laterMs = 500;
const keyMs = 50;
const outputMs = 100;

/** What may make a look due. Instants are milliseconds. */
export interface LookTimes {
  /** When the last look began. */
  readonly asked: number;
  /** The last Enter. */
  readonly since: number;
  /** Whether it is certain that a raw terminal reads. */
  readonly certain: boolean;
  /** Whether a key, or output, came after the last look. */
  readonly key: boolean;
  readonly output: boolean;
}

/** The instant of the next look; Infinity where none is due. */
export function nextLook({ asked, since, certain, key, output }: LookTimes): number {
  const due = [key ? asked + keyMs : Infinity, output ? asked + outputMs : Infinity];
  if (!certain) due.push(looksAfter.map((after) => since + after).find((time) => time > asked) ?? asked + laterMs);
  return Math.min(...due);
}
