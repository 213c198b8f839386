// A receiver of notices on loopback.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

export interface Notice {
  readonly at: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface Webhook extends AsyncDisposable {
  readonly url: string;
  /** All notices that were received, also those that were answered with an error. */
  readonly notices: readonly Notice[];
  /** Waits for the first notice, past or future, for which the predicate holds. @throws Error after `timeoutMs` (60 s) */
  next(predicate?: (body: unknown) => boolean, timeoutMs?: number): Promise<Notice>;
  /** Sets the status of the next answers, one each; after these it is 204 again. 0: no answer. */
  answer(...statuses: number[]): void;
  /** The same for notices that have all of these values. Others that come meanwhile, of what went before, take none of it. */
  answerTo(values: Readonly<Record<string, string>>, ...statuses: number[]): void;
}

interface Answer {
  readonly values: Readonly<Record<string, string>>;
  readonly status: number;
}

const hasAll = (body: unknown, values: Answer['values']): boolean =>
  Object.entries(values).every(([name, value]) => (body as Record<string, unknown> | undefined)?.[name] === value);

/** The first answer that is for this notice. */
function indexOrEnd(answers: readonly Answer[], body: unknown): number {
  const at = answers.findIndex(({ values }) => hasAll(body, values));
  return at < 0 ? answers.length : at;
}

type Listener = (notice: Notice) => void;

export async function openWebhook(): Promise<Webhook> {
  const notices: Notice[] = [];
  const listeners = new Set<Listener>();
  const answers: Answer[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body: unknown = await json(request).catch(() => undefined);
    const notice = { at: Date.now(), headers: request.headers, body };
    notices.push(notice);
    const [answer] = answers.splice(indexOrEnd(answers, body), 1);
    const status = answer?.status ?? 204;
    if (status !== 0) response.writeHead(status).end();
    for (const listener of listeners) listener(notice);
  };
  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    notices,
    next: (predicate = () => true, timeoutMs = 60_000) => firstNotice(notices, listeners, predicate, timeoutMs),
    answer: (...statuses) => void answers.push(...statuses.map((status) => ({ values: {}, status }))),
    answerTo: (values, ...statuses) => void answers.push(...statuses.map((status) => ({ values, status }))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function firstNotice(
  notices: readonly Notice[],
  listeners: Set<Listener>,
  predicate: (body: unknown) => boolean,
  timeoutMs: number,
): Promise<Notice> {
  const known = notices.find(({ body }) => predicate(body));
  if (known !== undefined) return Promise.resolve(known);
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      listeners.delete(listener);
      finish();
    };
    const listener: Listener = (notice) => {
      if (predicate(notice.body)) settle(() => resolve(notice));
    };
    const late = new Error(`no such notice within ${timeoutMs} ms; received: ${JSON.stringify(notices)}`);
    const timer = setTimeout(() => settle(() => reject(late)), timeoutMs);
    listeners.add(listener);
  });
}
