// A light look at what sshd and sudo grant now, for `status`: the same rules as the doctor's, for a few logins.
//
// 1. Only what is a way around the gate counts (`fail`), and what `sshd -T` and `sudo -l` say, not what a file says. Accident: another file
//    of sshd_config.d is read first, and its line wins.
// 2. A few logins of the group are looked at, since a group may have a thousand; the doctor looks at all. What differs for one login alone
//    is for the doctor.
// 3. What could not be looked at is `unknown` (check.ts, rule 2).
import { dirname } from 'node:path';
import { installedBy } from '../adapters/installed.ts';
import { driftLimit, type Drift, type DriftOf } from '../core/health/drift.ts';
import { shippedBy } from '../core/messages/shipped.ts';
import { sanitizeLine } from '../core/text.ts';
import { groupOfRule, membersOf } from './gated-group.ts';
import { NotInspectable } from './not-inspectable.ts';
import { rules } from './sshd-rules.ts';
import { readPort, readSettings, type Settings } from './sshd-settings.ts';
import { environmentFault, otherRules, ruleFault, ruleFor, switchFaults } from './sudo-rules.ts';
import { readListing, type Listing } from './sudo-listing.ts';

/** How many logins of the group are looked at (rule 2). */
const fewLogins = 3;

const cut = (text: string): string => sanitizeLine(text, driftLimit);
const fine: DriftOf = { is: 'as needed' };
const drifted = (why: string, fix: string): DriftOf => ({ is: 'drifted', why: cut(why), fix: cut(fix) });
const seeDoctor = 'tmux-gate doctor';

/** What is wrong with sshd's settings for a login. */
export function sshdDrift(settings: Settings, gate: string, login: string): DriftOf {
  for (const rule of rules.filter(({ verdict }) => verdict === 'fail')) {
    const wrong = rule.judge(settings, gate);
    if (wrong !== undefined) return drifted(`${login}: ${wrong}`, rule.remedy);
  }
  return fine;
}

/** What is wrong with sudo's rules and settings for a login. */
export function sudoDrift(listing: Listing, gate: string, login: string): DriftOf {
  const { sudoers } = shippedBy(installedBy(dirname(gate)));
  const shipped = `put ${sudoers} back: visudo -f /etc/sudoers.d/tmux-gate; then tmux-gate doctor`;
  const rule = ruleFault(listing, gate);
  if (rule !== undefined) return drifted(`${login}: ${rule}`, `the rule must be: ${ruleFor(gate)}`);
  const [more] = otherRules(listing, gate);
  if (more !== undefined) return drifted(`sudo also lets ${login} run: ${more}`, 'take the login out of that rule');
  const missing = switchFaults(listing, gate);
  if (missing.length > 0) return drifted(`sudo's settings for the gate lack ${missing.join(', ')}`, shipped);
  const environment = environmentFault(listing, gate);
  return environment === undefined ? fine : drifted(environment, shipped);
}

/** Rule 3. */
function unknown(error: unknown): DriftOf {
  const isOurs = error instanceof NotInspectable;
  const why = isOurs ? error.message : 'it does not answer';
  return { is: 'unknown', why: cut(why), fix: cut((isOurs ? error.remedy : undefined) ?? seeDoctor) };
}

const order = ['as needed', 'unknown', 'drifted'] as const;
const worst = (found: readonly DriftOf[]): DriftOf =>
  found.toSorted((a, b) => order.indexOf(b.is) - order.indexOf(a.is))[0] ?? fine;

async function ofEach(logins: readonly string[], look: (login: string) => Promise<DriftOf>): Promise<DriftOf> {
  return worst(await Promise.all(logins.map(async (login) => look(login).catch(unknown))));
}

/** Looks at sshd and sudo. @param gate its path, as the rule names it @param sshdConfig the path of sshd's configuration. Never rejects. */
export async function lookAtDrift(gate: string, sshdConfig: string): Promise<Drift> {
  try {
    const group = await groupOfRule(gate);
    if (group === undefined) return withoutRule(gate);
    const logins = (await membersOf(group)).slice(0, fewLogins);
    const port = await readPort(sshdConfig);
    return {
      sshd: await ofEach(logins, async (login) => sshdDrift(await readSettings(sshdConfig, port, login), gate, login)),
      sudo: await ofEach(logins, async (login) => sudoDrift(await readListing(login), gate, login)),
    };
  } catch (error) {
    return { sshd: unknown(error), sudo: unknown(error) };
  }
}

/** Without the rule nobody is gated, and nobody knows whom sshd should send to the gate. */
function withoutRule(gate: string): Drift {
  const why = 'no rule of sudo names the gate, so nobody can connect';
  const none: DriftOf = { is: 'unknown', why: cut('no rule of sudo says which logins are gated'), fix: seeDoctor };
  return { sshd: none, sudo: drifted(why, `the rule must be: %GROUP ALL=${ruleFor(gate)}`) };
}
