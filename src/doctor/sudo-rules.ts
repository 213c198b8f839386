// Judges sudo's rules and settings for a gated login (deploy/sudoers; threats H4).
//
// 1. There is one rule, for one program, without arguments. Attack: without the "" at its end the rule allows any argument.
// 2. Whatever else the host sets, this command has these settings of its own: sudo applies the last one, and settings for a command come
//    after all others (sudoers(5), Defaults). Attack: a host setting passes variables of the login to the gate.
import { listOf, switchOf, type Listing } from './sudo-listing.ts';

/** The rule for the gate, as sudo lists it. */
export const ruleFor = (gate: string): string => `(root) NOPASSWD: ${gate} ""`;

/** What is wrong with the rule for the gate; undefined when it is there exactly. */
export function ruleFault({ rules }: Listing, gate: string): string | undefined {
  if (rules.includes(ruleFor(gate))) return undefined;
  const near = rules.find((rule) => rule.includes(gate));
  if (near === undefined) return 'sudo has no rule that starts the gate';
  if (!near.endsWith(' ""')) return `the rule "${near}" takes arguments`;
  return `the rule is "${near}", not "${ruleFor(gate)}"`;
}

/** Every rule but the one for the gate, which may be in several files. A wrong rule for the gate is reported by ruleFault. */
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

/** The flags that must be set for this command and are not. */
export function switchFaults(listing: Listing, gate: string): readonly string[] {
  const own = ownOptions(listing, gate);
  return Object.entries(wanted)
    .filter(([name, on]) => switchOf(own, name) !== on)
    .map(([name, on]) => (on ? name : `!${name}`));
}

/** The variables that sudo must pass on to the gate. */
export const kept = ['LANG', 'LC_ALL', 'LC_CTYPE', 'SSH_CONNECTION', 'SSH_ORIGINAL_COMMAND', 'SSH_USER_AUTH'];

/** Variables that older rules do not pass on, and that only change how a screen looks. */
const optional = ['NO_COLOR', 'TMUX_GATE_PLAIN'];

const checked = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TERM'];

/** What is wrong with the environment that sudo passes on; undefined when nothing is. */
export function environmentFault(listing: Listing, gate: string): string | undefined {
  const all = [...listing.defaults, ...ownOptions(listing, gate)];
  const keep = listOf(ownOptions(listing, gate), 'env_keep');
  if (keep === undefined) return 'env_keep is not set for the gate, so the list of the host applies';
  const more = keep.filter((name) => ![...kept, ...optional].includes(name));
  if (more.length > 0) return `sudo passes ${more.join(' ')} of the login to the gate (env_keep)`;
  const less = kept.filter((name) => !keep.includes(name));
  if (less.length > 0) return `sudo does not pass ${less.join(' ')} to the gate (env_keep)`;
  const check = listOf(ownOptions(listing, gate), 'env_check');
  if (check === undefined) return "env_check is not set for the gate, so sudo's own list lets TZ and LC_* through";
  const unchecked = check.filter((name) => !checked.includes(name));
  if (unchecked.length > 0) return `sudo also passes ${unchecked.join(' ')} (env_check)`;
  const file = all.find((option) => /^(?:restricted_)?env_file=/.test(option));
  return file === undefined ? undefined : `sudo adds the variables of a file (${file})`;
}

/** Flags that keep sudo running beside the gate, refuse it without a terminal, or prevent it from starting its child. */
const burdens = ['log_input', 'log_output', 'log_subcmds', 'intercept', 'requiretty', 'noexec', 'use_loginclass'];

/** Those of these flags that are on for the gate. */
export function burdenOf(listing: Listing, gate: string): readonly string[] {
  const all = [...listing.defaults, ...ownOptions(listing, gate)];
  return burdens.filter((name) => switchOf(all, name) === true);
}

/** The settings that apply to the gate, in their order: for the target account (`>root`), then for the command; `!ALL` counts as well. */
function ownOptions({ special }: Listing, gate: string): readonly string[] {
  const of = (scopes: readonly string[]) =>
    special.filter(({ scope }) => scopes.includes(scope)).flatMap(({ options }) => options);
  return [...of(['>root', '>ALL']), ...of([`!${gate}`, '!ALL'])];
}
