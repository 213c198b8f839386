// Fuzzes the keeper's two sockets: root's, for gates and the CLI, and the one for gates that outlived an earlier keeper.
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { account } from '../sandbox/accounts.ts';
import { readToGate } from '../../src/wire/messages.ts';
import { openFuzzHost, type FuzzHost } from './fuzz-host.ts';
import { edit, edited, mutated, wild, type Edit } from './mutation.ts';
import { fromGate, hello } from './samples.ts';
import { bench, must, type Bench, type Target } from './target.ts';

/** One connection: lines, how they are split into writes, and bytes that are not text. */
interface Talk {
  readonly lines: readonly string[];
  readonly edits: readonly Edit[];
  readonly cuts: readonly number[];
  readonly bytes: Uint8Array;
}

const rejoin = (fields: object): string =>
  JSON.stringify({ t: 'rejoin', v: 1, id: 'AZPT0Y3FCS', secret: 's', pid: 77, ...fields });

function samplesFor({ host }: FuzzHost): readonly string[] {
  const { alice, mallory } = host.people;
  const uid = account(alice.login).uid;
  return [
    ...fromGate,
    hello('visit', uid, alice.login, 'prod-db --for 1m --reason INC-1 look'),
    hello('visit', uid, alice.login, 'requests --json'),
    hello('visit', uid, mallory.login, 'approve K7QF2M'),
    hello('visit', account(mallory.login).uid, mallory.login, ''),
    hello('local', 0, 'root', 'grants --json'),
    hello('local', 0, 'root', 'history --since 7d'),
    hello('local', uid, alice.login, 'revoke K7QF2M'),
    rejoin({}),
    rejoin({ secret: 'x'.repeat(64), pid: 1 }),
  ];
}

const talk = (samples: readonly string[]): fc.Arbitrary<Talk> =>
  fc.record({
    lines: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: mutated(samples, 2) },
        { weight: 1, arbitrary: fc.constantFrom(...samples) },
        { weight: 1, arbitrary: wild(80) },
      ),
      { maxLength: 4 },
    ),
    edits: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(edit, { maxLength: 2 }) },
    ),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
    bytes: fc.oneof(
      { weight: 4, arbitrary: fc.constant(new Uint8Array()) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
    ),
  });

const atOnce = 30;

function piecesOf({ lines, edits, cuts, bytes }: Talk): readonly Buffer[] {
  const text = Buffer.concat([Buffer.from(edited(lines.map((line) => `${line}\n`).join(''), edits)), bytes]);
  const places = [0, ...cuts.map((cut) => Math.floor(cut * text.length)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((place, n) => text.subarray(places[n], place));
}

/** Checks that the keeper sends only valid messages, and none that lets anybody in. @throws Finding when not */
function checkHeard(heard: string): void {
  for (const text of heard.split('\n').slice(0, -1)) {
    const message = readToGate(text);
    must(message !== undefined, `the keeper says what is no message: ${text.slice(0, 200)}`);
    must(!['go', 'deadline'].includes(message.t), `the keeper opens: ${message.t}`);
  }
}

async function open(path: (fuzzHost: FuzzHost) => string): Promise<Bench> {
  const fuzzHost = await openFuzzHost();
  const feed = async (talks: readonly Talk[]): Promise<void> => {
    const heard = await Promise.all(talks.map(async (one) => fuzzHost.say(path(fuzzHost), piecesOf(one))));
    heard.forEach(checkHeard);
    await fuzzHost.checkAlive();
    must(isDeepStrictEqual(await fuzzHost.ask('grants --json'), ['[]']), 'there is a grant');
  };
  return bench({
    inputs: fc.array(talk(samplesFor(fuzzHost)), { minLength: 1, maxLength: atOnce }),
    feed,
    sizeOf: (talks) => talks.length,
    limitMs: 20_000,
    memory: fuzzHost.memory,
    finish: fuzzHost.checkEnd,
    close: async () => fuzzHost[Symbol.asyncDispose](),
  });
}

export const socketTargets: readonly Target[] = [
  { name: 'keeper', host: true, share: 4, open: async () => open(({ host }) => host.keeper.socket) },
  { name: 'rejoin', host: true, share: 2, open: async () => open(({ host }) => `${host.layout.run}/rejoin/sock`) },
];
