// A real Chromium without a network, by its debugging protocol over a pipe (chromedevtools.github.io/devtools-protocol).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Params = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

/** A page that is open in Chromium. */
export class Chromium implements AsyncDisposable {
  /** What the page asked a network for, beside its own file. */
  readonly requests: string[] = [];
  /** What the page, or Chromium because of it, said in the console. */
  readonly said: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'tmux-gate-chromium-'));
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (message: Message) => void>();
  #count = 0;
  #session: string | undefined;

  constructor() {
    const home = ['--user-data-dir', this.#folder].join('=');
    const flags = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      home,
    ];
    this.#child = spawn('unshare', ['--net', 'chromium', ...flags, '--remote-debugging-pipe', 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#hear(JSON.parse(part) as Message);
    });
  }

  /** Opens a page from its text, and resolves when its script has finished. */
  async open(html: string, colours: 'light' | 'dark' = 'light'): Promise<void> {
    const path = join(this.#folder, 'page.html');
    writeFileSync(path, html);
    const { targetInfos } = (await this.#ask('Target.getTargets')) as {
      targetInfos: { type: string; targetId: string }[];
    };
    const targetId = targetInfos.find(({ type }) => type === 'page')?.targetId;
    const { sessionId } = (await this.#ask('Target.attachToTarget', { targetId, flatten: true })) as {
      sessionId: string;
    };
    this.#session = sessionId;
    for (const domain of ['Network', 'Log', 'Runtime', 'Page']) await this.#ask(`${domain}.enable`);
    const features = [{ name: 'prefers-color-scheme', value: colours }];
    await this.#ask('Emulation.setEmulatedMedia', { features });
    await this.#ask('Page.navigate', { url: `file://${path}` });
    await this.run(`new Promise((done) => {
      const look = () => document.documentElement?.dataset.ready === 'yes' ? done() : requestAnimationFrame(look);
      look();
    })`);
  }

  /** Shows the open page in other colours, or in a window of another width. */
  async look(colours: 'light' | 'dark', width: number): Promise<void> {
    await this.#ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colours }] });
    const size = { width, height: 800, deviceScaleFactor: 1, mobile: false };
    await this.#ask('Emulation.setDeviceMetricsOverride', size);
    await this.run('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))');
  }

  /** A picture of what the window shows now, as a PNG. */
  async picture(): Promise<Buffer> {
    const { data } = (await this.#ask('Page.captureScreenshot', { format: 'png' })) as { data: string };
    return Buffer.from(data, 'base64');
  }

  /** The value of an expression in the page; a promise is waited for. */
  async run(expression: string): Promise<unknown> {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = (await this.#ask('Runtime.evaluate', asked)) as {
      result: { value?: unknown };
      exceptionDetails?: unknown;
    };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const over = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await over;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ask(method: string, params: Params = {}): Promise<Params> {
    const id = (this.#count += 1);
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { result, error } = await new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #hear({ id, method, params = {}, ...rest }: Message): void {
    if (id !== undefined) this.#answers.get(id)?.({ id, ...rest });
    if (method === 'Network.requestWillBeSent') {
      const { url } = params['request'] as { url: string };
      if (!url.startsWith(`file://${this.#folder}`) && !url.startsWith('data:')) this.requests.push(url);
    }
    if (method === 'Log.entryAdded' || method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown')
      this.said.push(JSON.stringify(params));
  }
}
