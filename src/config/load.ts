// Loads the policy: checks the safety of its file, YAML, schema, rules, and the files that it names, and reports all problems at once.
//
// 1. A file that somebody else than root can have written is not even parsed (law 10). Attack: another account writes the policy.
// 2. One problem refuses the whole policy (law 1). Accident: a host runs with half of its rules.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Config, HookPolicy } from '../core/policy-types.ts';
import { credentialPath, noCredential } from './credential.ts';
import { maxConfigBytes, readYaml, type Source } from './document.ts';
import { explain } from './explain.ts';
import { ConfigError, formatPath, formatProblem, type Finding, type Path, type Problem } from './problem.ts';
import { at, entries, type RuleOptions } from './raw.ts';
import { rules } from './rules.ts';
import { checkCaFile } from './ca-file.ts';
import { checkGroupsFile } from './groups-file.ts';
import { checkProgram, checkWord, readGuarded, UnsafeFileError } from './safety.ts';
import { configSchema } from './schema.ts';

export type ConfigOptions = RuleOptions;

/** The largest secret or key file, in bytes. */
const maxNamedBytes = 16 * 1024;
const maxProblems = 100;

interface Examined {
  readonly source: Source;
  readonly findings: readonly Finding[];
  readonly config?: Config;
}

/**
 * Reads a policy from YAML text, without looking at any file.
 * @throws ConfigError with every problem.
 */
export function parseConfig(text: string, options: ConfigOptions): Config {
  return accept(examine(text, options), 'configuration');
}

/**
 * Reads the policy of a host. Owner and mode of its file, and of every file that it names, are checked.
 * @throws ConfigError with every problem; nothing else.
 */
export async function loadConfig(path: string, options: ConfigOptions): Promise<Config> {
  return (await loadPolicy(path, options)).config;
}

/** A policy, and the text of its file. Secrets are not in it, but in files that it names. */
export interface Policy {
  readonly config: Config;
  readonly text: string;
  /** The document as it was read, to compare it with another one (changes.ts). */
  readonly raw: unknown;
  /** Of each file that it names, by its key: the SHA-256 of what the file holds. */
  readonly named: Readonly<Record<string, string>>;
}

/** As `loadConfig`, with the text that was read. @throws ConfigError */
export async function loadPolicy(path: string, options: ConfigOptions): Promise<Policy> {
  const bytes = await readPolicy(path);
  const examined = examine(decode(bytes, path), options);
  const raw = examined.source.value;
  const looked = await Promise.all(namedFiles(raw).map(lookAtNamed));
  const findings = [...examined.findings, ...looked.flatMap((file) => file.findings)];
  const config = accept({ ...examined, findings }, path);
  const named = Object.fromEntries(looked.flatMap(({ key, sha256 }) => (sha256 === undefined ? [] : [[key, sha256]])));
  return { config, text: bytes.toString(), raw, named };
}

/** Accounts that several sessions run as. Only different uids separate sessions (docs/threats.md, H1). */
function sharedAccounts({ sessions }: Config): string[] {
  const accounts = Object.values(sessions).map(({ runAs }) => runAs);
  return [...new Set(accounts.filter((account, i) => accounts.indexOf(account) !== i))];
}

function clearHooks(of: string, hooks: readonly (readonly [string, HookPolicy | undefined])[]): string[] {
  return hooks.flatMap(([name, hook]) =>
    hook !== undefined && 'url' in hook && hook.insecureHttp ? [`${of}.${name}.insecure_http`] : [],
  );
}

/** The options in force that weaken the gate, by their path in the file, for warnings. */
export function loudOptions(config: Config): string[] {
  return [
    ...(config.oidc.insecureHttp ? ['oidc.insecure_http'] : []),
    ...(config.oidc.insecureUnstatedEmail === true ? ['oidc.insecure_unstated_email'] : []),
    ...clearHooks(
      'on_call',
      Object.entries(config.onCall).map(([name, one]) => [name, 'hook' in one ? one.hook : undefined]),
    ),
    ...clearHooks('tickets', Object.entries(config.tickets)),
    ...(config.insecureLoginHomes ? ['insecure_login_homes'] : []),
    ...sharedAccounts(config).map(
      (account) => `run_as: ${account} (shared: a grant for one of its sessions reaches the others)`,
    ),
  ];
}

function examine(text: string, options: ConfigOptions): Examined {
  const source = readYaml(text);
  if (source.value === undefined) return { source, findings: source.findings };
  if (source.value === null) return { source, findings: [{ path: [], problem: 'The file is empty.' }] };
  const parsed = configSchema.safeParse(source.value, { reportInput: true });
  const broken = rules.flatMap((rule) => rule.check(source.value, options));
  const findings = [...source.findings, ...(parsed.success ? [] : explain(parsed.error.issues)), ...broken];
  return parsed.success ? { source, findings, config: parsed.data } : { source, findings };
}

function accept({ source, findings, config }: Examined, name: string): Config {
  if (config === undefined || findings.length > 0) throw new ConfigError(toProblems(findings, source), name);
  return freeze(config);
}

function toProblems(findings: readonly Finding[], source: Source): Problem[] {
  const found = findings.map(({ path, problem, line = source.lineOf(path) }): Problem => {
    return { path: formatPath(path), problem, ...(line === undefined ? {} : { line }) };
  });
  // One mistake can make the YAML parser report the same line many times.
  const distinct = [...new Map(found.map((problem) => [formatProblem(problem), problem])).values()];
  const sorted = distinct.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const more = sorted.length - maxProblems;
  if (more <= 0) return sorted;
  return [...sorted.slice(0, maxProblems), { path: '', problem: `There are ${more} more problems.` }];
}

/** Freezes the policy, so that it stays as it was checked. */
function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value) as unknown[]) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}

async function readPolicy(path: string): Promise<Buffer> {
  try {
    return await readGuarded(path, { maxBytes: maxConfigBytes });
  } catch (error) {
    throw new ConfigError(
      reasonsOf(error).map((problem) => ({ path: '', problem })),
      path,
    );
  }
}

function reasonsOf(error: unknown): readonly string[] {
  return error instanceof UnsafeFileError ? error.reasons : ['The file cannot be read.'];
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ path: '', problem: 'The file is not UTF-8; save it as UTF-8.' }], path);
  }
}

interface NamedFile {
  readonly path: Path;
  readonly file: string;
  readonly secret: boolean;
  /** What is said when it is a credential and not there. */
  readonly absent: string | undefined;
  /** How it is checked, where more is asked of it than of a file that is read. */
  readonly check?: (path: string) => Promise<void>;
}

function receivers(raw: unknown): number[] {
  const notify = at(raw, 'notify');
  return Array.isArray(notify) ? notify.map((_, n) => n) : [];
}

/** The files that the policy names, as far as the policy can be read. */
function namedFiles(raw: unknown): NamedFile[] {
  const peers = at(raw, 'peers');
  const hosts = typeof peers === 'object' && peers !== null ? Object.keys(peers) : [];
  const places: Omit<NamedFile, 'file' | 'absent'>[] = [
    { path: ['oidc', 'client_secret_file'], secret: true },
    { path: ['oidc', 'approval_client', 'client_secret_file'], secret: true },
    { path: ['oidc', 'ca_file'], secret: false, check: checkCaFile },
    { path: ['oidc', 'claims', 'groups_file'], secret: false, check: checkGroupsFile },
    { path: ['redis', 'password_file'], secret: true },
    { path: ['redis', 'ca_file'], secret: false },
    { path: ['redis', 'certificate_file'], secret: false },
    { path: ['redis', 'key_file'], secret: true },
    { path: ['redis', 'sentinel_password_file'], secret: true },
    ...hosts.map((host) => ({ path: ['peers', host], secret: false })),
    ...receivers(raw).map((n) => ({ path: ['notify', n, 'secret_file'], secret: true })),
    ...['on_call', 'tickets'].flatMap((of) => entries(raw, of).flatMap(([name, hook]) => hookFiles([of, name], hook))),
  ];
  return places.flatMap((place) => {
    const given = at(raw, ...place.path.map(String));
    if (typeof given !== 'string') return [];
    const file = place.secret ? credentialPath(given) : given;
    return file.startsWith('/') ? [{ ...place, file, absent: place.secret ? noCredential(given) : undefined }] : [];
  });
}

function hookFiles(path: readonly string[], hook: unknown): Omit<NamedFile, 'file' | 'absent'>[] {
  const command = at(hook, 'command');
  const words = Array.isArray(command) ? command.map((_, n) => n) : [];
  return [
    { path: [...path, 'secret_file'], secret: true },
    ...words.map((n) => ({ path: [...path, 'command', n], secret: false, check: n === 0 ? checkProgram : checkWord })),
  ];
}

interface LookedAt {
  readonly key: string;
  readonly findings: readonly Finding[];
  /** Of what it holds; undefined for a word of a command, which is read at each run. */
  readonly sha256?: string;
}

async function lookAtNamed({ path, file, secret, check, absent }: NamedFile): Promise<LookedAt> {
  const key = formatPath(path);
  if (absent !== undefined && !existsSync(file)) return { key, findings: [{ path, problem: absent }] };
  try {
    if (check !== undefined) {
      await check(file);
      return { key, findings: [] };
    }
    const bytes = await readGuarded(file, { secret, maxBytes: maxNamedBytes });
    return { key, findings: [], sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    return { key, findings: reasonsOf(error).map((problem) => ({ path, problem })) };
  }
}
