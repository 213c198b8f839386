// A real tmux with a client on a pty, recorded as the gate does it, and what tmux says stood in its panes.
import { spawn, type IPty } from '@lydell/node-pty';
import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sha256 } from '../../../src/adapters/sha256.ts';
import { sealRecording } from '../../../src/adapters/recordings/seal.ts';
import { chainAfter, noChain } from '../../../src/core/recording/ranges.ts';
import { openRecording, recorderOn, type Recorder } from '../../../src/gate/recording.ts';

const run = promisify(execFile);
const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', PS1: '$ ' };
const conf = join(import.meta.dirname, '../../../deploy/tmux.conf');
/** Longer than the time between two looks at a recording (src/recordings/rows.ts). */
const stoodMs = 150;

export class RecordedTmux implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tmux-gate-corpus-'));
  readonly places = {
    ...{ recordings: join(this.folder, 'recordings'), journal: join(this.folder, 'journal') },
    ...{ connections: join(this.folder, 'c'), index: join(this.folder, 'search/index.db') },
  };
  readonly #socket = join(this.folder, 'socket');
  readonly #base: string;
  readonly #client: IPty;
  readonly #recorder: Recorder;
  readonly #fd: number;
  #wroteAt = 0;

  constructor(id: string, size: { readonly cols: number; readonly rows: number }) {
    const day = join(this.places.recordings, '2026-11-30');
    for (const folder of [day, this.places.journal]) mkdirSync(folder, { recursive: true });
    this.#base = join(day, id);
    this.#fd = openRecording(`${this.#base}.cast`, 0);
    this.#recorder = recorderOn(this.#fd, {
      header: {
        width: size.cols,
        height: size.rows,
        timestamp: 1_780_000_000,
        title: 'corpus',
        env: { TERM: 'xterm-256color' },
      },
      now: () => performance.now(),
      onError: (error) => {
        throw error;
      },
      onRoom: () => undefined,
      quota: { bytes: 2 ** 30, near: () => undefined, reached: () => undefined },
    });
    const shell = 'exec /bin/bash --norc --noprofile';
    const words = ['-u', '-S', this.#socket, '-f', conf, 'new-session', '-s', 'prod-db', shell];
    this.#client = spawn('/usr/bin/tmux', words, {
      ...size,
      cwd: this.folder,
      env: { ...env, HOME: this.folder },
    });
    this.#client.onData((text) => {
      this.#wroteAt = performance.now();
      this.#recorder.output(Buffer.from(text));
    });
  }

  async tmux(...words: readonly string[]): Promise<string> {
    return (await run('/usr/bin/tmux', ['-u', '-S', this.#socket, ...words], { env })).stdout;
  }

  /** Types key by key, as fast as a person. */
  async type(text: string): Promise<void> {
    for (const key of text) {
      this.#client.write(key);
      await delay(15);
    }
  }

  resize(cols: number, rows: number): void {
    this.#client.resize(cols, rows);
    this.#recorder.resize(cols, rows);
  }

  /** Has the shell of the active pane read a script. */
  script(name: string, text: string): void {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    this.#client.write(`. ${path}\r`);
  }

  /** Waits until panes and client stand still. @returns the rows of all panes, as tmux has them, and joined where they wrapped */
  async settled(): Promise<readonly string[]> {
    for (;;) {
      const rows = await this.settledPanes();
      if (performance.now() - this.#wroteAt > stoodMs) return rows;
    }
  }

  /** The same, whatever the client draws beside the panes. */
  async settledPanes(): Promise<readonly string[]> {
    for (let before = ''; ;) {
      const now = await this.#panes().catch(() => ''); // not there yet
      if (now !== '' && now === before) return now.split('\n');
      before = now;
      await delay(stoodMs);
    }
  }

  /** Joined where it is alone: beside another pane, a text that wraps is in pieces on the screen. */
  async #panes(): Promise<string> {
    const panes = (await this.tmux('list-panes', '-F', '#{pane_id}')).trim().split('\n');
    const forms = panes.length === 1 ? [[], ['-J']] : [[]];
    const texts = panes.flatMap((pane) =>
      forms.map(async (form) => this.tmux('capture-pane', '-p', ...form, '-t', pane)),
    );
    const lines = (await Promise.all(texts)).join('').split('\n');
    return lines
      .map((line) => line.trimEnd())
      .filter(Boolean)
      .join('\n');
  }

  /** Changes the status line as long as something goes on. */
  async churning(task: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const done = task.finally(() => over.abort());
    for (let n = 0; !over.signal.aborted; n += 1)
      await this.tmux('set', '-g', 'status-right', `tick-${String(n)} of the status`);
    await done;
  }

  /** Ends the client, and seals what was recorded. */
  async seal(): Promise<void> {
    await this.tmux('kill-server');
    await this.#recorder.finish();
    closeSync(this.#fd);
    await this.#seal(this.#base);
    writeFileSync(join(this.places.journal, 'journal.jsonl'), '');
  }

  /** Adds a recording of these events. */
  async add(id: string, events: readonly string[]): Promise<void> {
    const base = join(dirname(this.#base), id);
    const header = JSON.stringify({ version: 2, width: 80, height: 24, timestamp: 1_780_000_000 });
    writeFileSync(`${base}.cast`, [header, ...events].map((line) => `${line}\n`).join(''));
    await this.#seal(base);
  }

  async #seal(base: string): Promise<void> {
    const text = readFileSync(`${base}.cast`, 'utf8');
    const chain = chainAfter(noChain, sha256(text), sha256);
    await sealRecording({ base, cuts: [Buffer.byteLength(text)], chain, recipients: [] });
    rmSync(`${base}.cast`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux('kill-server').catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
