// Asks a URL of the policy: by GET, or by POST when there is something to send.
//
// 1. No redirect is followed. Attack: an answer that sends the keeper to a server inside the network.
// 2. Time and length of the answer are limited, headers included. Attack: a server that hangs, or answers without end.
// 3. Error messages are ours, because the address may hold a secret (law 11).
import { whyUnreachable } from '../failure-reason.ts';
import { answerLimit } from './program.ts';

/**
 * Fetches an answer (rules 1 to 3).
 * @param secret sent as a bearer token.
 * @param input the JSON to send.
 * @param limitMs the time limit in milliseconds.
 * @throws Error with a message of ours: no answer in time, not reachable, a status other than 200, an answer that is too long.
 */
export async function askUrl(
  url: string,
  secret: string | undefined,
  input: string | undefined,
  limitMs: number,
): Promise<Buffer> {
  const signal = AbortSignal.timeout(limitMs);
  const headers = {
    ...{ accept: 'application/json', 'user-agent': 'tmux-gate' },
    ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    ...(input === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const told = input === undefined ? { method: 'GET' } : { method: 'POST', body: input };
  const response = await fetch(url, { ...told, headers, redirect: 'manual', signal }).catch((error: unknown) => {
    throw new Error(whyUnreachable(error, url));
  });
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => undefined);
    throw new Error(`HTTP status ${response.status}`);
  }
  return bodyOf(response, url);
}

async function bodyOf({ body }: Response, url: string): Promise<Buffer> {
  const said: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
      said.push(piece);
      size += piece.length;
      if (size > answerLimit) break; // which cancels the rest
    }
  } catch (error) {
    throw new Error(whyUnreachable(error, url), { cause: undefined }); // rule 3
  }
  if (size > answerLimit) throw new Error(`it said more than ${answerLimit} bytes`);
  return Buffer.concat(said);
}
