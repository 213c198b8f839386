// The demo for a person to try: prints what to type where, shows each notice, and stays up until it is stopped.
import type { Host } from '../sandbox/host.ts';
import { journalOf } from './journal.ts';
import { say } from './tell.ts';

/** Prints the guide and shows notices until the signal aborts. */
export async function stay(host: Host, signal: AbortSignal): Promise<void> {
  say(...guide(host));
  void passOn(host);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

function guide(host: Host): string[] {
  const { alice, bob, mallory } = host.people;
  const cli = `${host.layout.lib}/tmux-gate`;
  return [
    '',
    'A host called prod-box is up, beside the services of this machine. As root, in other terminals:',
    '',
    '  Terminal 1: alice, an engineer, asks for the session prod-db',
    `    ${alice.sshLine(['-t', 'prod-db'])}`,
    '',
    '  Terminal 2: bob, on call, looks and approves (ID is on both screens)',
    `    ${bob.sshLine(['requests'])}`,
    `    ${bob.sshLine(['approve', 'ID'])}`,
    '  or, as from a phone: the notice below carries a link; whoever opens it and signs in as bob has approved',
    '',
    '  Each sign-in prints a link. Open it in a browser of this machine and sign in as',
    ...[alice, bob, mallory].map(({ login, account }) => `    ${login.padEnd(14)} password ${account.password}`),
    '  or, without a browser, in terminal 3:',
    `    ./scripts/demo --sign-in LINK alice`,
    `    ./scripts/demo --sign-in LINK bob`,
    '',
    '  mallory has a login and a key, and no group: see how far that goes',
    `    ${mallory.sshLine(['-t', 'prod-db'])}`,
    '',
    '  A reason begins with a ticket (INC-1 ...). Access lasts 2m unless you say otherwise (20s to try, at most 1h).',
    '  At its end you are disconnected and everything left in the session is killed. Earlier:',
    `    ${bob.sshLine(['revoke', 'ID'])}`,
    '',
    '  As root on the host:',
    ...['status', 'connections', 'history', 'audit show', 'audit verify'].map((verb) => `    ${cli} ${verb}`),
    `  The journal itself: ${journalOf(host)}`,
    '',
    'Ctrl-C here removes all of it. Notices appear below as they come.',
    '',
  ];
}

const farAwayMs = 2 ** 31 - 1; // the longest time that a timer takes

/** Prints the notices that the webhook gets, which in production would go to a chat. */
async function passOn(host: Host): Promise<void> {
  const told = new Set<unknown>();
  for (;;) {
    const { body } = await host.webhook.next((next) => !told.has(next), farAwayMs);
    told.add(body);
    say(noticeLine((body ?? {}) as Readonly<Record<string, unknown>>));
  }
}

function noticeLine(notice: Readonly<Record<string, unknown>>): string {
  const text = (key: string): string => (typeof notice[key] === 'string' ? notice[key] : '');
  switch (notice['event']) {
    case 'requested':
      return [
        `  notice: ${text('login')} asks for ${text('session')} for ${text('for')} (${text('reason')}); ID ${text('request')}`,
        ...(text('link') === '' ? [] : [`          to APPROVE, open ${text('link')}`]),
      ].join('\n');
    case 'reviewed':
      return `  notice: ${text('by')} reviewed ${text('request')}: ${text('verdict')}`;
    case 'signed-in':
      return `  notice: ${text('login')} signed in from ${text('from')}, as ${text('identity')}`;
    case 'granted':
      return `  notice: ${text('login')} can now use ${text('session')} until ${text('until')}`;
    case 'ended':
      return `  notice: the access of ${text('login')} to ${text('session')} has ended: ${text('why')}`;
    default:
      return `  notice: ${JSON.stringify(notice)}`;
  }
}
