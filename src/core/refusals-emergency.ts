// Refusals about locks and break-glass. How they are written: refusals.ts.
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

export const emergencyRefusals = {
  LOCKED: {
    exit: exits.noperm,
    say: 'Login {login} is locked on {host} by {by}: {reason}.',
    hint: 'talk to whoever locked it; an approver or root can unlock: ssh {host} unlock {login}',
    means: 'The kill switch holds for this login, or for everyone.',
  },
  NOT_LOCKED: {
    exit: exits.data,
    say: '"{login}" is not locked.',
    hint: 'see: ssh {host} locks',
    means: 'There is no lock to lift.',
  },
  OWN_LOCK: {
    exit: exits.noperm,
    say: 'You cannot unlock your own login.',
    hint: 'ask another approver, or root on {host}: tmux-gate unlock',
    means: 'The login or the identity is the locked one.',
  },
  LOCK_REASON: {
    exit: exits.usage,
    say: 'A lock needs a reason: whoever is locked out reads it.',
    hint: 'use: ssh {host} lock {login} --reason why',
    means: '`lock` was typed without `--reason`.',
  },
  LOCK_UNKNOWN: {
    exit: exits.data,
    say: 'No login "{login}" is known on {host}, so nothing was locked.',
    hint: 'check the name; one of another host: ssh {host} lock {login} --force --reason why',
    means: 'No account, pin, grant, connection or lock has that name here: probably a typing error.',
  },
  GLASS_WRONG: {
    exit: exits.noperm,
    say: 'That break-glass code is wrong, used or voided.',
    hint: 'try another; after five wrong codes you must wait a while',
    means: 'The code is wrong, used or void. The journal has `break-glass-wrong`.',
  },
  GLASS_PAUSED: {
    exit: exits.tempfail,
    say: 'Too many wrong break-glass codes from {login}: no more are accepted until {until}.',
    hint: 'wait, or ask root on {host}: tmux-gate revoke, tmux-gate break-glass list',
    means: 'Five wrong codes stop the tries of that login for 15 minutes, and of no other login.',
  },
  CHANGED_MEANWHILE: {
    exit: exits.tempfail,
    say: 'What you were shown has changed since, so nothing was done.',
    hint: 'look at it as it is now, and repeat the command',
    means:
      'While a person signed in or typed, what they were shown (a lock, a use of break-glass, their grants) became another, or a reload changed the policy of it.',
  },
  GLASS_UNREVIEWED: {
    exit: exits.noperm,
    say: 'The last use of break-glass on {host}, by {login}, has not been reviewed yet.',
    hint: 'an approver or root must review it first: ssh {host} break-glass review --reason ...',
    means: 'After each use somebody has to look at it before the next code works.',
  },
  GLASS_FIXED: {
    exit: exits.noperm,
    say: 'Access by a break-glass code cannot be extended.',
    hint: 'ask for access as usual: ssh -t {host} {session}',
    means: 'Access by break-glass is not extended.',
  },
  REVIEW_REASON: {
    exit: exits.usage,
    say: 'A review of break-glass needs a reason: what you found.',
    hint: 'use: ssh {host} break-glass review --reason what you found',
    means: '`break-glass review` was typed without `--reason`.',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
