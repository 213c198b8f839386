// Reads the address at which a person's browser ended after a sign-in (RFC 6749 section 4.1.2), as a terminal hands it over.
//
// 1. The address is only read: nothing is fetched from it, and no part of it is shown. Attack: the keeper is made to ask a server inside
//    the network, or to write to a terminal.
// 2. It must be at the redirect address of the policy and have a `state`. Attack: a code alone, of which nothing shows to whose sign-in it
//    belongs.
// 3. Each parameter occurs once (RFC 6749 section 3.1). Attack: two of one name, and two readers take one each.
// 4. Blanks, line ends and marks of a bracketed paste are removed. Accident: a terminal wraps a long address over several lines.
import type { RefusalCode } from '../../core/refusals.ts';

/** The parameters of an address. */
export interface Address {
  readonly state: string;
  readonly parameters: URLSearchParams;
}

/** Why a text is no address that can be used. */
export type AddressFault = Extract<
  RefusalCode,
  'ADDRESS_INCOMPLETE' | 'ADDRESS_ELSEWHERE' | 'ADDRESS_BARE' | 'ADDRESS_CUT'
>;

/** What a terminal makes of the marks around a bracketed paste: control sequences, or what is left of them. */
const marks = /(?:\u001b|\^\[)?\[20[01]~/g;
const blanks = /[\s\p{C}]+/gu;
/** What people copy with an address. */
const quotes = /^[<"'(]+|[>"')]+$/g;
/** A code alone, or what is left of a query. */
const bare = /^[\w.~+/=%&-]{6,}$/;

/**
 * The parameters of a pasted address.
 * @param redirect the redirect address of the policy, in the form of WHATWG URL.
 */
export function readAddress(pasted: string, redirect: string): Address | AddressFault {
  const text = pasted.replace(marks, '').replace(blanks, '').replace(quotes, '');
  const expected = new URL(redirect);
  // A browser's address bar may show, and copy, an address without its scheme.
  const whole = text.startsWith(expected.host) ? `${expected.protocol}//${text}` : text;
  const url = whole.includes('://') && URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined) return bare.test(text) && !text.startsWith('http') ? 'ADDRESS_BARE' : 'ADDRESS_INCOMPLETE';
  if (url.origin !== expected.origin || url.pathname !== expected.pathname) return 'ADDRESS_ELSEWHERE'; // rule 2
  return answerOf(url.searchParams);
}

function answerOf(parameters: URLSearchParams): Address | AddressFault {
  const state = parameters.get('state');
  const isAnswer = parameters.has('code') || parameters.has('error');
  if (state === null || state === '') return isAnswer ? 'ADDRESS_BARE' : 'ADDRESS_INCOMPLETE'; // rule 2
  const names = [...parameters.keys()];
  if (!isAnswer || new Set(names).size < names.length) return 'ADDRESS_INCOMPLETE'; // rule 3
  return { state, parameters };
}

/**
 * How many characters of a line a terminal in canonical mode hands over when it had more: 4095 on Linux (termios(3), "canonical mode"),
 * 1023 or 1024 on macOS (MAX_CANON).
 */
const cutAt: ReadonlySet<number> = new Set([1023, 1024, 4095, 4096]);

/** Whether a terminal in canonical mode, which has ssh without -t, probably cut this text. */
export const looksCut = (pasted: string): boolean => cutAt.has(pasted.length);
