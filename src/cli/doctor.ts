// `doctor`: runs the checks and prints the results, for a person or for monitoring. The worst results come last, next to the prompt.
import { typedPlainness } from './typed-plainness.ts';
import { checks } from '../doctor/checks.ts';
import { examine } from '../doctor/examine.ts';
import { openScene } from '../doctor/scene.ts';
import type { Finding, Result, Verdict } from '../doctor/check.ts';
import { loadConfig } from '../config/load.ts';
import {
  andMore,
  checksListed,
  fix,
  looking,
  noSuchCheck,
  notRoot,
  summaryLine,
} from '../core/messages/doctor-report.ts';
import { errorLines } from '../core/messages/host.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';
import { fold, paint, type Style } from '../wire/screen-text.ts';
import { reservedNames } from '../wire/verbs.ts';
import { converse } from './converse.ts';
import { render, type Screen } from './render.ts';

/** Exit codes; 0 when no check failed and none is unknown. Warnings do not count. */
const exits = {
  failed: 1,
  unknown: 2,
  usage: 64, // EX_USAGE, sysexits.h
  notRoot: 77, // EX_NOPERM
  config: 78, // EX_CONFIG
} as const;

/** What to check, and how to print it: the command's options. */
export interface Wishes {
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly login: readonly string[];
  readonly group?: string | undefined;
  readonly sshdConfig: string;
  readonly all?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Runs the checks and prints the results. @returns the exit code */
export async function doctor(layout: Layout, wishes: Wishes): Promise<number> {
  const strange = [...wishes.only, ...wishes.except].filter((word) => !checks.some(({ id }) => isMeant(id, word)));
  if (strange.length > 0) {
    process.stderr.write(errorLines(noSuchCheck(sanitizeLine(strange.join(', '), 200)), checksListed));
    return exits.usage;
  }
  const screen = render();
  if (process.stderr.isTTY) screen.wait(looking);
  const scene = openScene({
    ...{ layout, sshdConfig: wishes.sshdConfig, group: wishes.group, logins: wishes.login },
    loadConfig: async () => loadConfig(layout.config, { reservedNames }),
    askKeeper: async () => askKeeper(layout),
  });
  const results = await examine(scene, chosen(wishes));
  screen.out(wishes.json === true ? [json(results)] : report(results, scene.root, wishes.all === true));
  return exitOf(results, scene.root);
}

/** Whether a word names a check: `sshd-tty` names one, `sshd` its whole family. */
const isMeant = (id: string, word: string): boolean => id === word || id.startsWith(`${word}-`);

function chosen({ only, except }: Wishes): typeof checks {
  const wanted = checks.filter(({ id }) => only.length === 0 || only.some((word) => isMeant(id, word)));
  return wanted.filter(({ id }) => !except.some((word) => isMeant(id, word)));
}

function exitOf(results: readonly Result[], root: boolean): number {
  const has = (verdict: Verdict): boolean => results.some((result) => result.verdict === verdict);
  if (!root) return exits.notRoot;
  if (results.some(({ id, verdict }) => id === 'config' && verdict === 'fail')) return exits.config;
  if (has('fail')) return exits.failed;
  return has('unknown') ? exits.unknown : 0;
}

const keeperMs = 6_000;

/** The keeper's answer to `status --json`; undefined when it gives none within six seconds. */
async function askKeeper({ keeperSocket }: Layout): Promise<string | undefined> {
  const said: string[] = [];
  const none = (): void => undefined;
  const screen: Screen = { out: (lines) => void said.push(...lines), note: none, refuse: none, wait: none, calm: none };
  await converse(keeperSocket, 'status --json', screen, AbortSignal.timeout(keeperMs));
  return said[0];
}

function json(results: readonly Result[]): string {
  const told = results.map(({ id, verdict, about, findings }) => {
    const { why, remedy } = sumOf({ verdict, findings });
    return { id, verdict, about: about.replaceAll('`', ''), why, remedy: remedy ?? null, findings };
  });
  return asciiJson({ ok: results.every(({ verdict }) => ['ok', 'warn'].includes(verdict)), checks: told });
}

interface Told {
  readonly why: string;
  readonly remedy: string | undefined;
}

/** The findings that led to the verdict as one text; equal ones are merged. */
function sumOf({ verdict, findings }: Pick<Result, 'verdict' | 'findings'>): Told {
  const groups = groupsOf(findings.filter((finding) => finding.verdict === verdict));
  return {
    why: groups.map(({ why }) => why).join('; '),
    remedy: groups.find(({ remedy }) => remedy !== undefined)?.remedy,
  };
}

function groupsOf(findings: readonly Finding[]): readonly Told[] {
  const same = Map.groupBy(findings, ({ verdict, why, remedy }) => JSON.stringify([verdict, why, remedy]));
  return [...same.values()].map((group) => {
    const [{ why, remedy } = { why: '', remedy: undefined }] = group;
    const who = group.map(({ of }) => of).filter((of) => of !== undefined);
    const whom = who.length > 5 ? `${who.slice(0, 5).join(', ')}${andMore(who.length - 5)}` : who.join(', ');
    return {
      why: sanitizeLine(whom === '' ? why : `${whom}: ${why}`, 600),
      remedy: remedy === undefined ? undefined : sanitizeLine(remedy, 400),
    };
  });
}

const labels: Readonly<Record<Verdict, readonly [word: string, colour: string]>> = {
  ok: ['ok', '32'],
  warn: ['warn', '33'],
  unknown: ['????', '35'],
  fail: ['FAIL', '31'],
};
const margin = 6;

function report(results: readonly Result[], root: boolean, all: boolean): readonly string[] {
  const style: Style = {
    colour: process.stdout.isTTY && typedPlainness().colour,
    utf8: true,
    columns: process.stdout.isTTY ? Math.min(100, process.stdout.columns) : 80,
  };
  const of = (verdict: Verdict): readonly Result[] => results.filter((result) => result.verdict === verdict);
  const troubles = (['warn', 'unknown', 'fail'] as const).flatMap((verdict) => alike(of(verdict)));
  const fine = all ? of('ok').map(inOrder) : families(of('ok'));
  return [
    ...fine.flatMap((text) => block(style, 'ok', [text])),
    ...troubles.flatMap((group) => ['', ...trouble(style, group)]),
    '',
    ...fold(summary(style, results, root), style.columns),
  ];
}

/** Lines beside a verdict, folded to the width that is left. */
function block(style: Style, verdict: Verdict, lines: readonly string[]): readonly string[] {
  const [word, colour] = labels[verdict];
  const folded = fold(lines, style.columns === undefined ? undefined : style.columns - margin);
  const side = (at: number): string =>
    at === 0 ? paint(style, colour, word) + ' '.repeat(margin - word.length) : ' '.repeat(margin);
  return folded.map((text, at) => side(at) + text);
}

/** A line for each family of checks: `sshd      forced-command forwarding ...`. */
function families(results: readonly Result[]): readonly string[] {
  const byFamily = Map.groupBy(results, ({ id }) => id.split('-')[0] ?? id);
  return [...byFamily].map(([family, members]) => {
    const names = members.map(({ id }) => id.slice(family.length + 1)).filter((name) => name !== '');
    return `${family.padEnd(8)}  ${names.join(' ')}`.trimEnd();
  });
}

function inOrder({ id, findings }: Result): string {
  return `${id.padEnd(21)}  ${sumOf({ verdict: 'ok', findings }).why}`;
}

/** Groups checks with the same findings, so that a cause of several is printed once. */
function alike(results: readonly Result[]): readonly (readonly Result[])[] {
  return [...Map.groupBy(results, ({ findings }) => JSON.stringify(findings)).values()];
}

function trouble(style: Style, group: readonly Result[]): readonly string[] {
  const [{ verdict, findings } = { verdict: 'unknown' as const, findings: [] }] = group;
  const told = groupsOf(findings.filter((finding) => finding.verdict !== 'ok'));
  const lines = told.flatMap(({ why, remedy }, at) =>
    // A remedy is printed once for all findings in a row that have it.
    remedy === undefined || told[at + 1]?.remedy === remedy ? [why] : [why, `${paint(style, '36', fix)} ${remedy}`],
  );
  return block(style, verdict, [paint(style, '1', group.map(({ id }) => id).join(' ')), ...lines]);
}

function summary(style: Style, results: readonly Result[], root: boolean): readonly string[] {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  const counts = {
    all: results.length,
    ok: count('ok'),
    warn: count('warn'),
    unknown: count('unknown'),
    fail: count('fail'),
  };
  const line = summaryLine(counts, (verdict, text) => paint(style, labels[verdict][1], text));
  return root ? [line] : [line, notRoot];
}
