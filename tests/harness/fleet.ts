// Two hosts of the build under test with one Redis and one provider, and what people say to them.
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { openFleet as open, type Fleet } from '../../scripts/sandbox/fleet.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { place, testHost } from './inside.ts';
import { outsideRedis } from './outside-redis.ts';

export type { Fleet } from '../../scripts/sandbox/fleet.ts';

type FleetOfHosts = readonly [
  prefixes: readonly [string, string],
  people?: Readonly<Record<string, readonly string[]>>,
];

/**
 * Opens both hosts (scripts/sandbox/fleet.ts), with this worker's prefixes.
 * @param redis as the policy names it @param prefixes of the two sandboxes, three letters each
 * @param people of the first host, beside those of every sandbox
 */
export async function openFleet(redis: unknown, ...[[first, second], people = {}]: FleetOfHosts): Promise<Fleet> {
  return open({ redis, prefixes: [place(first), place(second)], people, open: testHost });
}

/** The same on a Redis of its own, which ends with the fleet. */
export async function openFleetOnRedis(...options: FleetOfHosts): Promise<Fleet> {
  await using made = new AsyncDisposableStack();
  const redis = made.use(await outsideRedis());
  await redis.start();
  const fleet = made.use(await openFleet(redis.url, ...options));
  const opened = made.move();
  return { ...fleet, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

/** Types a verb at one host and proves who it is, if that is asked, with somebody's account of the shared provider. */
export async function say(
  person: Person,
  words: readonly string[],
  as: Person = person,
): Promise<{ code: number | null; text: string; stdout: string }> {
  const terminal = person.ssh(words, { tty: false });
  const proved = terminal.until(link).then(async ([url]) => completeSignIn(url, as.account));
  await Promise.race([proved.catch(() => undefined), terminal.exit]);
  const { code } = await terminal.exit;
  return { code, text: terminal.text, stdout: terminal.stdout };
}
