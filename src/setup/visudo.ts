// sudo's rules: tried before they are in place, and checked as a whole.
import { sudoNotClassic, sudoRefuses } from '../core/messages/setup-faults.ts';
import { SetupFault } from './fault.ts';
import { ask, lastLine } from './tools.ts';

/** Tries the text of a file of rules. @throws SetupFault with what visudo says, or when this is not the classic sudo */
export async function trySudoRule(text: string): Promise<void> {
  const { out, err } = await ask('sudo', ['--version']);
  if (/sudo-rs/i.test(out + err)) throw new SetupFault(sudoNotClassic);
  await check(['-cqf', '-'], text);
}

/** Checks the rules that are in place: a broken file in sudoers.d breaks sudo for everybody. @throws SetupFault */
export const checkSudo = async (): Promise<void> => check(['-cq'], '');

async function check(args: readonly string[], input: string): Promise<void> {
  const { code, err, out } = await ask('visudo', args, input);
  if (code !== 0) throw new SetupFault(sudoRefuses(lastLine(err) || lastLine(out)));
}
