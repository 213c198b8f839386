// A person in a session whose typed input is recorded, and what their recording has of it.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../../scripts/sandbox/host.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, testHost } from './inside.ts';
import { letIn, type Waiting } from './visits.ts';

type Event = readonly [at: number, code: string, data: string];
type Setup = Parameters<typeof testHost>[0];

/** A host with one session, `prod-in`, which records what is typed. */
export async function typedHost(setup: Setup): Promise<Host> {
  return testHost({
    ...setup,
    config: (config) => ({
      ...config,
      sessions: {
        'prod-in': {
          ...config.sessions['prod-db'],
          ...{ record: 'output+input', privileges: 'account', secret_prompts: ['(?i)mot de passe ?: ?$'] },
        },
      },
    }),
  });
}

/** The file of a login's live recording. */
export const recordingOf = (host: Host, login: string): string =>
  connections(host.layout).find(({ who }) => who.login === login)?.recording ?? '';

/** What a recording has of one kind: keys, markers, output. */
export function recordedIn(file: string, code: 'i' | 'm' | 'o'): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(1, -1); // without the header, and a line that is being written
  const events = lines.map((line) => JSON.parse(line) as Event);
  return events.filter(([, is]) => is === code).map(([, , data]) => data);
}

/** What was typed, by a recording. */
export const typedIn = (file: string): string => recordedIn(file, 'i').join('');

/**
 * A text that is typed at a shell after something secret may take as many tries. Each try that is not kept leaves a marker, and a marker is
 * written when the reason changes (at a prompt, then echo off), or when echo was seen to be on again; after that, keys are kept.
 */
const mostTries = 3;

/** Alice, attached, with a shell that counts its prompts. */
export class TypedSession {
  readonly terminal: Waiting['terminal'];
  readonly recording: string;
  #runs = 0;
  #backs = 0;

  private constructor(inside: Waiting, recording: string) {
    this.terminal = inside.terminal;
    this.recording = recording;
  }

  static async open(host: Host): Promise<TypedSession> {
    const inside = await letIn(host, host.people.alice, { session: 'prod-in', window: '10m' });
    const one = new TypedSession(inside, recordingOf(host, host.people.alice.login));
    one.terminal.type('PROMPT_COMMAND=\'printf "ready-%s." $((++ready))\'\r');
    await one.shellReads(0);
    return one;
  }

  typed(): string {
    return typedIn(this.recording);
  }

  markers(): readonly string[] {
    return recordedIn(this.recording, 'm');
  }

  /** How many keys were not kept, by the markers from this one on. */
  notKept(from: number, why = /^(\d+) keys? not kept: /): number {
    const lost = this.markers().slice(from);
    return lost.reduce((sum, label) => sum + Number(why.exec(label)?.[1] ?? 0), 0);
  }

  /** How often the shell has shown its prompt. */
  prompts(): number {
    const last = this.terminal.text.match(/ready-(\d+)\./g)?.at(-1);
    return Number(last?.slice(6, -1) ?? 0);
  }

  /** What the shell is given last, to see that it reads; nothing is done by it. */
  get back(): string {
    return `: back-${this.#backs}`;
  }

  /** Waits for the shell's next prompt, and until keys are kept there. */
  async shellReads(after: number): Promise<void> {
    await eventually('the shell reads again', () => this.prompts() > after);
    for (let tries = 1; !(await this.#keeps()); tries += 1) {
      if (tries === mostTries) throw new Error(`after ${tries} tries, no key at the shell is kept`);
      this.terminal.type('\u0015');
    }
  }

  /**
   * Types a text at the shell. Keys that come before anybody saw that echo is on again are not kept, which a marker says.
   * @returns whether it was kept
   */
  async #keeps(): Promise<boolean> {
    this.#backs += 1;
    const { back } = this;
    const lost = this.markers().length;
    this.terminal.type(back);
    await eventually(
      'it is kept, or a marker says not',
      () => this.typed().endsWith(back) || this.markers().length > lost,
    );
    return this.typed().endsWith(back);
  }

  /** Waits for the shell's next prompt, and for the markers of this many keys; then all that is typed has to be kept at once. */
  async shellKeeps(after: number, { from, keys }: { readonly from: number; readonly keys: number }): Promise<void> {
    await eventually('the shell reads again', () => this.prompts() > after);
    await eventually('the keys are counted', () => this.notKept(from) >= keys);
    this.#backs += 1;
    this.terminal.type(this.back);
    await eventually('what is typed at the shell is kept', () => this.typed().endsWith(this.back));
  }

  /** Types a line at the shell. @returns what was typed, and what to look for, after which the program's prompt comes */
  start(line: string, more = ''): { readonly sent: string; readonly begun: string } {
    const n = String((this.#runs += 1));
    const sent = `\u0015clear; : run-${n}; echo it-$((${n} + 0)).; ${line}\r`;
    this.terminal.type(`${sent}${more}`);
    return { sent, begun: `it-${n}\\.[^]*` };
  }

  /** Types as a person does: key by key, 30 to 150 ms apart. */
  async byHand(text: string): Promise<void> {
    for (const [n, key] of Array.from(text).entries()) {
      await pause(30 + ((n * 47) % 121));
      this.terminal.type(key);
    }
  }
}
