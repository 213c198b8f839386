// Parses what sudo reports about a login: `sudo -l -U LOGIN` includes every file, LDAP and sssd.
import { NotInspectable } from './not-inspectable.ts';
import { run } from './look.ts';

/** What sudo reports about a login. */
export interface Listing {
  /** Settings for every command, in the order in which they apply: `!use_pty`, `env_keep="A B"`. */
  readonly defaults: readonly string[];
  /** Settings for one command (`!/path`), or for one target account (`>root`). */
  readonly special: readonly { readonly scope: string; readonly options: readonly string[] }[];
  /** The rules, such as `(root) NOPASSWD: /usr/lib/tmux-gate/gate ""`. */
  readonly rules: readonly string[];
}

/** Asks sudo about a login. @throws NotInspectable when sudo does not answer. */
export async function readListing(login: string): Promise<Listing> {
  const { code, out, err } = await run('sudo', ['-n', '-l', '-U', login]);
  if (code !== 0 || out.trim() === '')
    throw new NotInspectable(`sudo -l -U ${login} says: ${err.trim().split('\n')[0] ?? 'nothing'}`);
  return parseListing(out);
}

const heads = {
  defaults: /^Matching Defaults entries for /,
  special: /^(?:Runas and Command-specific defaults|Command-specific defaults|Runas-specific defaults) for /,
  rules: /^User \S+ may run the following commands on /,
} as const;

/** Parses the output of `sudo -l -U`. */
export function parseListing(text: string): Listing {
  const rows: Record<keyof typeof heads | 'none', string[]> = { defaults: [], special: [], rules: [], none: [] };
  let part: keyof typeof rows = 'none';
  for (const row of text.split('\n')) {
    if (/^\s/.test(row)) rows[part].push(row.trim());
    else part = (['defaults', 'special', 'rules'] as const).find((name) => heads[name].test(row)) ?? 'none';
  }
  return {
    defaults: rows.defaults.flatMap(optionsOf),
    special: rows.special.filter((row) => row !== '').map(specialOf),
    rules: rows.rules.filter((row) => row !== ''),
  };
}

/** Parses `Defaults!/path/of/program option, option`; a blank in a path is escaped. */
function specialOf(row: string): Listing['special'][number] {
  const [, scope = '', options = ''] = /^Defaults([!>](?:\\.|\S)+)\s+(.*)$/.exec(row) ?? [];
  return { scope, options: optionsOf(options) };
}

/** Splits at commas outside quotes. */
function optionsOf(row: string): string[] {
  const options = row.match(/(?:"[^"]*"|\\.|[^,"\\])+/g) ?? [];
  return options.map((option) => option.trim()).filter((option) => option !== '');
}

/** Whether a flag is on (`use_pty`), off (`!use_pty`) or undefined: not set. The last setting counts. */
export function switchOf(options: readonly string[], name: string): boolean | undefined {
  const last = options.findLast((option) => option === name || option === `!${name}`);
  return last === undefined ? undefined : !last.startsWith('!');
}

/** The value of a list such as env_keep, after all assignments and additions; undefined when it is never set. */
export function listOf(options: readonly string[], name: string): readonly string[] | undefined {
  let list: readonly string[] | undefined;
  for (const option of options) {
    const [, sign, value = ''] = new RegExp(`^${name}\\s*([+-]?=)\\s*"?([^"]*)"?$`).exec(option) ?? [];
    if (sign === undefined) continue;
    const words = value.split(/\s+/).filter((word) => word !== '');
    if (sign === '=') list = words;
    else if (sign === '+=') list = [...(list ?? []), ...words];
    else list = (list ?? []).filter((word) => !words.includes(word));
  }
  return list;
}
