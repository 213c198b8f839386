// A refusal that the CLI makes by itself, without a keeper.
import { hostname } from 'node:os';
import type { RefusalNames } from '../core/refusal-text.ts';
import { refusal } from '../core/refusal.ts';
import type { RefusalCode } from '../core/refusals.ts';
import { toType } from '../wire/to-type.ts';
import type { Screen } from './render.ts';

/** Shows it as root on this host reads it. @returns the exit code */
export function refuseHere(screen: Screen, code: RefusalCode, names: RefusalNames = {}): number {
  const host = hostname();
  const { code: shown, say, hint, exit } = refusal(code, { host, ...names });
  screen.refuse(shown, say, toType(hint, { host, local: true }));
  return exit;
}
