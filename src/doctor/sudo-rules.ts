// Judging what sudo says of a gated login (deploy/sudoers; threats H4). Pure.
//
// 1. One rule, one program, no argument. Attack: without the "" at its end the rule takes any argument.
// 2. Whatever else is set on the host, this command gets these settings: sudo lets the last one win, and settings for a
//    command come after all others (sudoers(5), Defaults).
import { listOf, switchOf, type Listing } from './sudo-listing.ts';

export const ruleFor = (gate: string): string => `(root) NOPASSWD: ${gate} ""`;

/** What is wrong with the rule; undefined when it is there exactly. */
export function ruleFault({ rules }: Listing, gate: string): string | undefined {
  if (rules.includes(ruleFor(gate))) return undefined;
  const near = rules.find((rule) => rule.includes(gate));
  if (near === undefined) return 'sudo has no rule that starts the gate';
  if (!near.endsWith(' ""')) return `the rule "${near}" takes arguments`;
  return `the rule is "${near}", not "${ruleFor(gate)}"`;
}

/** Every rule but ours, which may stand in several files; a sloppy one for the gate is the business of ruleFault. */
export function otherRules({ rules }: Listing, gate: string): readonly string[] {
  return rules.filter((rule) => !rule.split(' ').includes(gate) || /,\s/.test(rule.replace(/^\([^)]*\)/, '')));
}

const wanted: Readonly<Record<string, boolean>> = {
  env_reset: true,
  setenv: false,
  use_pty: false,
  pam_session: false,
  pam_setcred: false,
};

/** Switches that this command must have set for itself, and has not. */
export function switchFaults(listing: Listing, gate: string): readonly string[] {
  const own = ownOptions(listing, gate);
  return Object.entries(wanted)
    .filter(([name, on]) => switchOf(own, name) !== on)
    .map(([name, on]) => (on ? name : `!${name}`));
}

export const kept = ['LANG', 'LC_ALL', 'LC_CTYPE', 'SSH_CONNECTION', 'SSH_ORIGINAL_COMMAND', 'SSH_USER_AUTH'];

/** What older rules do not hand on, and nothing but the look of a screen hangs on. */
const optional = ['NO_COLOR', 'TMUX_GATE_PLAIN'];

const checked = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TERM'];

/** What is wrong with the environment that sudo hands on. */
export function environmentFault(listing: Listing, gate: string): string | undefined {
  const all = [...listing.defaults, ...ownOptions(listing, gate)];
  const keep = listOf(ownOptions(listing, gate), 'env_keep');
  if (keep === undefined) return 'env_keep is not set for the gate, so the list of the host counts';
  const more = keep.filter((name) => ![...kept, ...optional].includes(name));
  if (more.length > 0) return `sudo hands ${more.join(' ')} of the login to the gate (env_keep)`;
  const less = kept.filter((name) => !keep.includes(name));
  if (less.length > 0) return `sudo does not hand ${less.join(' ')} to the gate (env_keep)`;
  const check = listOf(ownOptions(listing, gate), 'env_check');
  if (check === undefined) return "env_check is not set for the gate, so sudo's own list lets TZ and LC_* through";
  const unchecked = check.filter((name) => !checked.includes(name));
  if (unchecked.length > 0) return `sudo also hands on ${unchecked.join(' ')} (env_check)`;
  const file = all.find((option) => /^(?:restricted_)?env_file=/.test(option));
  return file === undefined ? undefined : `sudo adds the variables of a file (${file})`;
}

/** What makes sudo stay beside the gate, refuse it without a terminal, or keep it from starting its child. */
const burdens = ['log_input', 'log_output', 'log_subcmds', 'intercept', 'requiretty', 'noexec', 'use_loginclass'];

export function burdenOf(listing: Listing, gate: string): readonly string[] {
  const all = [...listing.defaults, ...ownOptions(listing, gate)];
  return burdens.filter((name) => switchOf(all, name) === true);
}

/** `!ALL` counts as well; what is set for an account to become (`>root`) comes before what is set for a command. */
function ownOptions({ special }: Listing, gate: string): readonly string[] {
  const of = (scopes: readonly string[]) =>
    special.filter(({ scope }) => scopes.includes(scope)).flatMap(({ options }) => options);
  return [...of(['>root', '>ALL']), ...of([`!${gate}`, '!ALL'])];
}
