// How a person is called on screens, in notices and in logs: the login, and what people recognise.
import { sanitizeLine } from './text.ts';

/** `alice (alice@example.com)`, both filtered and cut. */
export function personName({ login, claim }: { readonly login: string; readonly claim: string }): string {
  return `${sanitizeLine(login, 64)} (${sanitizeLine(claim, 120)})`;
}
