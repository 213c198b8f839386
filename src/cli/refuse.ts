// Refusals that the CLI makes itself, without a keeper.
import { hostname } from 'node:os';
import type { RefusalNames } from '../core/refusal-text.ts';
import { refusal } from '../core/refusal.ts';
import type { RefusalCode } from '../core/refusals.ts';
import { toType } from '../wire/to-type.ts';
import type { Screen } from './render.ts';

/** Shows a refusal, with its hint as root types it on this host. @returns its exit code */
export function refuseHere(screen: Screen, code: RefusalCode, names: RefusalNames = {}): number {
  const host = hostname();
  const { code: shown, say, hint, exit } = refusal(code, { host, ...names });
  screen.refuse(shown, say, toType(hint, { host, local: true }));
  return exit;
}
