// Asks a witness outside the fleet for a cosignature, over HTTP (C2SP tlog-witness, `add-checkpoint`).
//
// 1. No redirect is followed. Attack: an answer that sends the keeper to a server inside the network.
// 2. Time and length of the answer are limited, headers included. Attack: a server that hangs, or answers without end.
// 3. Nothing is believed here: whoever uses a cosignature checks it against the key in the policy.
import { readCount } from '../../core/tlog/checkpoint.ts';
import { whyUnreachable } from '../failure-reason.ts';

/** What a witness answered: the lines of its signatures, or how many records it cosigned last. */
export type UrlAnswer = { readonly lines: string } | { readonly size: number };

const answerBytes = 16 * 1024;

/**
 * Sends one request.
 * @param url the submission prefix, without a slash at its end
 * @param limitMs the time limit in milliseconds
 * @throws Error whose message names the problem, without the URL
 */
export async function addCheckpoint(url: string, request: string, limitMs: number): Promise<UrlAnswer> {
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'tmux-gate' },
    ...{ body: request, redirect: 'manual', signal: AbortSignal.timeout(limitMs) },
  }).catch((error: unknown) => {
    throw new Error(whyUnreachable(error, url));
  });
  const { status } = response;
  const text = await textOf(response, url);
  if (status === 200) return { lines: text };
  const size = status === 409 && text.endsWith('\n') ? readCount(text.slice(0, -1)) : undefined;
  if (size === undefined) throw new Error(`HTTP status ${status}`);
  return { size };
}

async function textOf({ body }: Response, url: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      size += piece.length;
      if (size > answerBytes) break; // which cancels the rest
    }
  } catch (error) {
    throw new Error(whyUnreachable(error, url), { cause: undefined });
  }
  if (size > answerBytes) throw new Error(`it said more than ${answerBytes} bytes`);
  return Buffer.concat(pieces).toString('utf8');
}
