// Live connections that are drawn for auditors, each by a thread of its own (drawer.ts).
//
// 1. Their number is bounded: of the host, of a connection, of a login. Attack: one auditor, or all of them, takes the host's memory.
// 2. A thread ends with the conversation that it draws for, whatever it is doing.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { everybodysConnections, yourTerminals } from '../../core/messages/recordings.ts';
import { Refused } from '../../core/refusal.ts';
import type { ScreenSize } from '../../recordings/screen.ts';
import type { Layout } from '../../wire/layout.ts';
import type { DrawTask, Drawn } from './drawer.ts';

export interface DrawingsDeps {
  readonly host: string;
  readonly layout: Pick<Layout, 'programs'>;
}

/** Somebody's place, while they follow. */
export interface Place {
  readonly login: string;
  readonly connection: string;
}

/** A connection that is being drawn. */
export interface Drawing {
  /** The terminal has taken the last part, and has this size. */
  ready(size: ScreenSize): void;
  /** Resolves when the connection is over. @throws Error when it cannot be drawn */
  readonly over: Promise<unknown>;
  stop(): Promise<unknown>;
}

export interface Drawings {
  /** Runs a task while a place is held (rule 1). @throws Refused FOLLOWERS_FULL, and what the task throws */
  hold<T>(place: Place, task: () => Promise<T>): Promise<T>;
  /** Begins to draw. @param take gets each part; the next one comes after `ready` */
  begin(task: DrawTask, take: (part: string) => void): Drawing;
}

/** Each takes about 20 MB, and more while much is printed. */
const most = { host: 8, connection: 3, login: 2 } as const;
const mostMegabytes = 128;

/** Nobody follows yet. */
export function openDrawings({ host, layout }: DrawingsDeps): Drawings {
  const places = new Set<Place>();
  const check = ({ login, connection }: Place): void => {
    const held = [...places];
    const full = (what: string, max: number): Refused => new Refused('FOLLOWERS_FULL', { host, what, max });
    if (held.filter((one) => one.login === login).length >= most.login) throw full(yourTerminals, most.login);
    if (held.filter((one) => one.connection === connection).length >= most.connection)
      throw full(connection, most.connection);
    if (held.length >= most.host) throw full(everybodysConnections(host), most.host);
  };
  return {
    hold: async ({ login, connection }, task) => {
      const place = { login, connection };
      check(place);
      places.add(place);
      try {
        return await task();
      } finally {
        places.delete(place);
      }
    },
    begin: (task, take) => draw(join(layout.programs, 'drawer.js'), task, take),
  };
}

function draw(program: string, task: DrawTask, take: (part: string) => void): Drawing {
  const worker = new Worker(program, {
    ...{ workerData: task, env: {}, execArgv: [] },
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  promise.catch(() => undefined); // whoever stops before the end does not hear it
  worker.on('message', (drawn: Drawn) => ('part' in drawn ? take(drawn.part) : resolve(undefined)));
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('the thread ended before the connection')));
  return {
    ready: (size) => worker.postMessage(size),
    over: promise,
    stop: async () => worker.terminate(),
  };
}
