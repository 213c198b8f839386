// The keeper is killed before every durable step of everything that gives access: nobody is in without a grant and its record, no code
// opens twice, and nobody was told of access that they have not.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { account } from '../../../scripts/sandbox/accounts.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import { ofUids } from '../../../scripts/sandbox/processes.ts';
import { crashEverywhere, crashHost, type Crashes, type Inside, type Told } from '../../harness/crash.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { approve, connections, journal } from '../../harness/inside.ts';
import { requestAccess, shellPrompt, signInWhenAsked, type Waiting } from '../../harness/visits.ts';

let crashes: Crashes;
let host: Host;
let alice: Person;
const limitMs = 600_000;

beforeAll(async () => {
  crashes = await crashHost('tgv');
  ({ host } = crashes);
  ({ alice } = host.people);
}, 60_000);
afterAll(async () => crashes[Symbol.asyncDispose]());

interface Listed {
  readonly id: string;
  readonly login: string;
}

/** Of everybody but the one who stays. */
async function grants(): Promise<readonly Listed[]> {
  const { stdout } = await host.cli(['grants', '--json']);
  return (JSON.parse(stdout) as readonly Listed[]).filter(({ login }) => login !== host.people['carol']?.login);
}

/**
 * Nobody but the one who stays is in, or could come in: not by what their gate, which comes back after a restart, is given only now
 * either. Once it is gone, their request waits or was granted.
 */
async function takeAllBack({ terminal, request }: Waiting): Promise<void> {
  terminal.kill('SIGKILL');
  await terminal.exit;
  await eventually('their gate is gone', () => ofUids([account(alice.login).uid]).length === 0);
  await eventually('the request waits, or was granted', async () => {
    const { code, stdout } = await host.cli(['requests', '--json']);
    return recordsOf('granted', request) > 0 || (code === 0 && stdout.includes(request));
  });
  for (const { id } of await grants()) expect(await host.cli(['revoke', id])).toMatchObject({ code: 0 });
}

const attached = (login: string): boolean => connections(host.layout).some(({ who }) => who.login === login);
const recordsOf = (event: string, request: string): number =>
  journal(host.layout).filter((record) => record.event === event && record['request'] === request).length;

test(
  'request: dead before every step',
  async () => {
    let asker: Waiting | undefined;
    const steps = await crashEverywhere(crashes, {
      name: 'request',
      prepare: async () => Promise.resolve(),
      act: async () => {
        asker = await requestAccess(alice);
        return { done: true };
      },
      check: async (_, { done }) => {
        if (done === true) expect(recordsOf('requested', asker?.request ?? '')).toBe(1);
        asker?.terminal.kill('SIGKILL');
        const again = await requestAccess(alice);
        again.terminal.type('q');
        await again.terminal.exit;
      },
    });
    expect(steps.length).toBeGreaterThan(0);
  },
  limitMs,
);

test(
  'review, grant, session start and admission: dead before every step',
  async () => {
    const steps = await crashEverywhere<Waiting>(crashes, {
      name: 'approve',
      prepare: async () => requestAccess(alice),
      act: async ({ terminal, request }) => {
        const told = await approve(host.people.bob, request).then(
          () => ({ done: true }),
          () => ({}),
        );
        await terminal.until(shellPrompt);
        return told;
      },
      check: async (asked, { done }) => {
        if (done === true) {
          expect(recordsOf('granted', asked.request)).toBeGreaterThan(0);
          const again = alice.ssh(['-t', 'prod-db']);
          await again.until(shellPrompt);
          again.kill('SIGKILL');
          await again.exit;
        }
        await takeAllBack(asked);
      },
    });
    expect(steps.length).toBeGreaterThan(0);
  },
  limitMs,
);

test(
  'extend: dead before every step',
  async () => {
    const steps = await crashEverywhere<Inside & { readonly more: Waiting }>(crashes, {
      name: 'extend',
      prepare: async () => {
        const inside = await crashes.inside();
        const terminal = inside.person.ssh(['extend', '5m', '--reason', 'INC-1 goes on'], { tty: false });
        void signInWhenAsked(terminal, inside.person);
        const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})[^]*Send this/);
        return { ...inside, more: { terminal, request } };
      },
      act: async ({ more }) => {
        await approve(host.people.bob, more.request);
        await more.terminal.exit;
        return { done: true };
      },
      check: async ({ person, terminal, more }, { done }) => {
        // Whatever became of the extension: the first window goes on.
        expect(attached(person.login)).toBe(true);
        if (done === true) expect((await grants()).length).toBeGreaterThan(1);
        more.terminal.kill('SIGKILL');
        // Their request comes back to the next keeper, which may grant it only now.
        await eventually('they are out', async () => {
          const mine = (await grants()).filter(({ login }) => login === person.login);
          for (const { id } of mine) expect(await host.cli(['revoke', id])).toMatchObject({ code: 0 });
          return !attached(person.login);
        });
        await terminal.exit;
      },
    });
    expect(steps.length).toBeGreaterThan(0);
  },
  limitMs,
);

interface Codes {
  readonly codes: readonly { readonly id: string; readonly state: string }[];
  readonly unreviewed: { readonly grant: string; readonly login: string } | null;
}

const listCodes = async (): Promise<Codes> =>
  JSON.parse((await host.cli(['break-glass', 'list', '--json'])).stdout) as Codes;
const issue = async (): Promise<string> => (await host.cli(['break-glass', 'issue', '1'])).stdout.trim();
const stateOf = async (code: string): Promise<string | undefined> =>
  (await listCodes()).codes.find(({ id }) => code.startsWith(id.slice(0, 4)))?.state;
const review = async (): Promise<Told> => ({
  done: (await host.cli(['break-glass', 'review', '--reason', 'looked at it'])).code === 0,
});

/** Breaks in, and waits until in or refused. */
function breakIn(code: string): Waiting['terminal'] {
  const terminal = alice.ssh(['-t', 'break-glass', 'prod-db', '--reason', 'INC-9 all is down']);
  void terminal.until('Break-glass code:').then(
    () => terminal.type(`${code}\r`),
    () => undefined,
  );
  return terminal;
}

test(
  'break-glass issue: dead before every step',
  async () => {
    await crashEverywhere(crashes, {
      name: 'break-glass issue',
      prepare: async () => Promise.resolve(),
      act: async () => {
        const code = await issue();
        expect(await stateOf(code)).toBe('open');
        return { done: true };
      },
    });
  },
  limitMs,
);

test(
  'break-glass use: dead before every step',
  async () => {
    const steps = await crashEverywhere<{ readonly code: string }>(crashes, {
      name: 'break-glass use',
      prepare: async () => ({ code: await issue() }),
      act: async ({ code }) => {
        await breakIn(code).until(shellPrompt);
        return { done: true };
      },
      check: async ({ code }, { done }) => {
        const { unreviewed } = await listCodes();
        const used = (await stateOf(code)) === 'used';
        // Whoever is in, or was: somebody has to look.
        if (done === true || used || attached(alice.login)) expect(unreviewed?.login).toBe(alice.login);
        if (attached(alice.login)) expect(used).toBe(true);
        for (const { id } of await grants()) expect(await host.cli(['revoke', id])).toMatchObject({ code: 0 });
        if (unreviewed === null) return;
        expect(await review()).toEqual({ done: true });
        const again = breakIn(code);
        expect((await again.exit).code).not.toBe(0);
        expect(again.text).toContain('[GLASS_WRONG]');
      },
    });
    expect(steps.length).toBeGreaterThan(0);
  },
  limitMs,
);

test(
  'break-glass void: dead before every step',
  async () => {
    const voided = (): number => journal(host.layout).filter(({ event }) => event === 'break-glass-voided').length;
    await crashEverywhere<{ readonly code: string; readonly before: number }>(crashes, {
      name: 'break-glass void',
      prepare: async () => ({ code: await issue(), before: voided() }),
      act: async ({ code }) => ({ done: (await host.cli(['break-glass', 'void', code.slice(0, 4)])).code === 0 }),
      check: async ({ code, before }, { done }) => {
        const isVoid = (await stateOf(code)) === 'void';
        if (done === true) expect(isVoid).toBe(true);
        expect(voided() - before).toBe(isVoid ? 1 : 0);
      },
    });
  },
  limitMs,
);

test(
  'break-glass review: dead before every step',
  async () => {
    await crashEverywhere(crashes, {
      name: 'break-glass review',
      prepare: async () => {
        if ((await listCodes()).unreviewed !== null) return;
        const terminal = breakIn(await issue());
        await terminal.until(shellPrompt);
        for (const { id } of await grants()) await host.cli(['revoke', id]);
        await terminal.exit;
      },
      act: review,
      check: async (_, { done }) => {
        const { unreviewed } = await listCodes();
        if (done === true) expect(unreviewed).toBeNull();
      },
    });
  },
  limitMs,
);
