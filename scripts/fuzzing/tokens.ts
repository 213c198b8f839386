// Fuzzes the tokens that hosts sign: an accepted token is byte for byte one that was signed, for that kind (law 8; as age's
// FuzzMalleability).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { openKeys, type Keys, type Kind } from '../../src/adapters/keys.ts';
import { grantShape } from '../../src/core/grant.ts';
import { digestShape, requestShape, reviewShape } from '../../src/core/request.ts';
import { integer, object, type Shape } from '../../src/core/shape.ts';
import { signInShape } from '../../src/core/sign-in.ts';
import { edit, edited, type Edit } from './mutation.ts';
import { grant, head, request, review, signIn } from './samples.ts';
import { bench, local, must, type Bench, type Target } from './target.ts';

const host = 'prod-box';

interface Sort {
  readonly kind: Kind;
  readonly shape: Shape<unknown>;
  readonly payload: object;
}

const sorts: readonly Sort[] = [
  { kind: 'request', shape: requestShape, payload: request('K7QF2M', host, 1_767_225_600_000) },
  { kind: 'review', shape: reviewShape, payload: review('K7QF2M', host, 1_767_225_600_000) },
  { kind: 'grant', shape: grantShape, payload: grant('AZPT0Y3FCS', host, 1_767_225_600_000) },
  { kind: 'sign-in', shape: signInShape, payload: signIn(host, 1_767_225_600_000) },
  { kind: 'head', shape: object({ n: integer(0), hash: digestShape }), payload: head },
];

/** A change of a token: edits of its text, or of one part before it is encoded again. */
interface Change {
  readonly of: Kind;
  /** The kind as which it is offered. */
  readonly as: Kind;
  readonly part: 'text' | 'header' | 'payload' | 'signature';
  readonly edits: readonly Edit[];
  /** The kind of token from which the part is taken; undefined: its own. */
  readonly from: Kind | undefined;
}

const kind = fc.constantFrom(...sorts.map((sort) => sort.kind));
const change: fc.Arbitrary<Change> = fc
  .record({
    of: kind,
    as: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: kind }),
    part: fc.constantFrom(
      'text' as const,
      'text' as const,
      'header' as const,
      'payload' as const,
      'signature' as const,
    ),
    edits: fc.array(edit, { maxLength: 3 }),
    from: fc.option(kind, { nil: undefined, freq: 6 }),
  })
  .map(({ as, ...rest }) => ({ ...rest, as: as ?? rest.of }));

const parts = ['header', 'payload', 'signature'] as const;

function changed(tokens: ReadonlyMap<Kind, string>, { of, part, edits, from }: Change): string {
  const token = tokens.get(of) ?? '';
  if (part === 'text') return edited(token, edits);
  const at = parts.indexOf(part);
  const pieces = token.split('.');
  const piece = from === undefined ? pieces[at] : tokens.get(from)?.split('.')[at];
  const bytes = edited(Buffer.from(piece ?? '', 'base64url').toString('latin1'), edits);
  pieces[at] = edits.length === 0 ? (piece ?? '') : Buffer.from(bytes, 'latin1').toString('base64url');
  return pieces.join('.');
}

/** A bench that signs tokens with these keys, changes them, and offers them to the keys. */
export async function tokensBench(
  keys: Keys,
  close: () => Promise<void> = async () => Promise.resolve(),
): Promise<Bench> {
  const tokens = new Map<Kind, string>();
  for (const sort of sorts) tokens.set(sort.kind, await keys.sign(sort.kind, sort.payload));
  const feed = async (input: Change): Promise<void> => {
    const offered = changed(tokens, input);
    const [sort] = sorts.filter((one) => one.kind === input.as);
    must(sort !== undefined, `no kind of token: ${input.as}`);
    const read = await keys.verify(offered, sort.kind, sort.shape);
    const isOriginal = offered === tokens.get(sort.kind);
    must(isOriginal === (read !== undefined), isOriginal ? 'a genuine token was refused' : `accepted: ${offered}`);
    must(read === undefined || isDeepStrictEqual(read.value, sort.payload), 'it says something else than was signed');
  };
  return bench({ inputs: change, feed, close });
}

export const tokensTarget: Target = local('tokens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-fuzz-'));
  const keys = await openKeys({ folder: join(folder, 'keys'), host, peers: {} });
  return tokensBench(keys, async () => Promise.resolve(rmSync(folder, { recursive: true })));
});
