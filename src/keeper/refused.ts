// Whatever goes wrong is one refusal: told to the person, journaled, with its cause in the log alone (laws 1, 11).
import { refusal, Refused, type Refusal } from '../core/refusal.ts';
import { line } from '../core/text.ts';
import type { Hello } from '../wire/messages.ts';
import { verbNames, type VerbName } from '../wire/verbs.ts';
import { alarm } from './alarms.ts';
import type { House } from './house.ts';

/** Root types on the host what others type over ssh; attaching is for others. */
function onTheHost(hint: string, host: string): string {
  const typed = (text: string, verb: VerbName): string =>
    text
      .replaceAll(`ssh ${host} ${verb}`, `tmux-gate ${verb}`)
      .replaceAll(`ssh -t ${host} ${verb}`, `tmux-gate ${verb}`);
  return verbNames.reduce(typed, hint);
}

/** @param tell the person, before anything that may take its time. */
export async function writeRefusal(
  house: House,
  hello: Hello,
  command: string,
  error: unknown,
  tell: (refusal: Refusal) => void,
): Promise<void> {
  const refused = error instanceof Refused ? error : new Refused('INTERNAL', { host: house.host }, error);
  const { code, cause } = refused;
  alarm(house, code);
  const login = line(hello.login, 64);
  house.log[code === 'INTERNAL' ? 'error' : 'info']('refused', { login, code, cause });
  const told = refusal(code, { host: house.host, ...refused.names });
  tell(hello.kind === 'local' ? { ...told, hint: onTheHost(told.hint, house.host) } : told);
  const visit = {
    login,
    address: line(hello.address.split(' ')[0] ?? '', 64),
    code,
    command: line(command, 200),
  };
  await house.ledger
    .write(visit)
    .catch((problem: unknown) => house.log.error('refusal-not-journaled', { error: problem }));
}
