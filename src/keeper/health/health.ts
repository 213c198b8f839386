// The health of this host: what `status` shows, part by part.
//
// 1. Every part is looked at, at the same time and for a few seconds at most. Accident: one that hangs hides the others.
// 2. Callers who come at the same time share one look, which began after they called. Attack: many calls start a process each (law 12).
// 3. A look changes nothing and writes no record. Accident: a monitor that asks every second fills the journal.
import { statfs } from 'node:fs/promises';
import { lookAtRedisCertificate } from '../../adapters/redis/certificate.ts';
import type { Outgoing } from '../../adapters/outgoing.ts';
import type { Programs } from '../../adapters/programs.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Log } from '../../adapters/log.ts';
import type { Provider } from '../../adapters/oidc.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { driftShape, type Drift } from '../../core/health/drift.ts';
import {
  certificatePart,
  clockPart,
  diskPart,
  driftPart,
  hooksPart,
  journalPart,
  keeperPart,
  recordingPart,
} from '../../core/health/judge.ts';
import type { Part, PartName } from '../../core/health/parts.ts';
import {
  answers,
  answersNot,
  cgroupKillThere,
  clocksDiffer,
  fixes,
  noRefreshTokens,
  seeLog,
  providerDown,
} from '../../core/messages/health.ts';
import type { Config } from '../../core/policy-types.ts';
import { noRefreshAdvice } from '../../core/provider-advice.ts';
import { providerFault } from '../../core/provider-fault.ts';
import { Refused } from '../../core/refusal.ts';
import type { Layout } from '../../wire/layout.ts';
import { openSingleFlight } from '../concurrency/single-flight.ts';
import type { LazyCgroups } from '../connections/cgroups.ts';
import type { OnCall } from '../identity/on-call.ts';
import type { Rechecks } from '../identity/rechecks.ts';
import type { Failing } from '../notices/failing.ts';
import { recordingsDisk } from '../recordings/free-space.ts';
import type { Recordings } from '../recordings/recordings.ts';
import type { PolicyInForce } from '../state/policy.ts';
import { witnessPart } from '../witness/status.ts';
import { policyPart } from './policy-part.ts';
import type { Witnessing } from '../witness/witnessing.ts';

export interface HealthDeps {
  now(): number;
  readonly startedAt: number;
  readonly layout: Layout;
  readonly policy: PolicyInForce;
  readonly config: Config;
  readonly log: Log;
  readonly store: Pick<Store, 'skew'>;
  readonly provider: Pick<Provider, 'ping'>;
  readonly cgroups: LazyCgroups;
  readonly journal: Pick<Journal, 'changed' | 'failing'>;
  readonly recordings: Pick<Recordings, 'waiting' | 'growing'>;
  readonly witnessing: Pick<Witnessing, 'report'>;
  readonly onCall: OnCall;
  readonly rechecks: Pick<Rechecks, 'withoutRefresh'>;
  readonly failing: Failing;
  readonly outgoing: Outgoing;
  readonly programs: Programs;
  readonly askDrift: () => Promise<unknown>;
}

/** Looks at the parts of this host. */
export interface Health {
  /** The parts, in no order; each within five seconds. Never rejects. */
  look(): Promise<readonly Part[]>;
}

const partLimitMs = 4_500;
/** Less than that, since the clock is read from the same answer. */
const pingMs = 4_000;

/** Nothing is looked at yet. */
export function healthOf(deps: HealthDeps): Health {
  const looking = openSingleFlight<readonly Part[]>();
  return { look: async () => looking('', async () => lookAtAll(deps)) };
}

async function lookAtAll(deps: HealthDeps): Promise<readonly Part[]> {
  const signal = AbortSignal.timeout(partLimitMs);
  const disk = diskOf(deps.layout.journal).then(diskPart);
  disk.catch(() => undefined); // both parts that wait for it say so
  const skew = deps.store.skew();
  skew.catch(() => undefined); // both parts that wait for it say so
  const ping = providerPart(deps, AbortSignal.timeout(pingMs));
  const parts = await Promise.all([
    part('keeper', signal, async () => keeperPart(await deps.programs.changed(), deps.now() - deps.startedAt)),
    part('policy', signal, async () => policyPart(deps.policy)),
    part('redis', signal, async () => okay('redis', clocksDiffer(Math.abs(await skew)))),
    part('cgroups', signal, async () => deps.cgroups.check().then(() => okay('cgroups', cgroupKillThere))),
    part('journal', signal, async () => journalPart(deps.journal, await disk)),
    part('disk', signal, async () => disk),
    part('recording', signal, async () => recordings(deps)),
    part('hooks', signal, async () => hooks(deps)),
    part('clock', signal, async () => clock(deps, skew, ping)),
    ...driftParts(deps, signal),
    ping,
    lookAtRedis(deps, signal),
  ]);
  const found = parts.filter((one) => one !== undefined);
  // Certificates come last, since the other parts have just made connections.
  return [
    ...found,
    witnessPart(deps.witnessing.report(), deps.now()),
    certificatePart(deps.outgoing.certificates(), deps.now()),
  ];
}

const okay = (name: PartName, detail: string): Part => ({ name, level: 'ok', detail });

/** One part within the time limit (rule 1). */
async function part(name: PartName, signal: AbortSignal, look: () => Promise<Part>): Promise<Part> {
  try {
    return await Promise.race([look(), over(signal)]);
  } catch (error) {
    const detail = error instanceof Refused ? error.code : answersNot;
    return { name, level: 'down', detail, fix: fixes[name] ?? seeLog };
  }
}

async function over(signal: AbortSignal): Promise<never> {
  const late = Promise.withResolvers<never>();
  if (signal.aborted) late.reject(signal.reason as Error);
  signal.addEventListener('abort', () => late.reject(signal.reason as Error), { once: true });
  return late.promise;
}

function driftParts({ askDrift }: HealthDeps, signal: AbortSignal): readonly Promise<Part>[] {
  const asked = async (): Promise<Drift | undefined> => driftShape(await askDrift());
  const drift = Promise.race([asked(), over(signal)]).catch(() => undefined);
  return (['sshd', 'sudo'] as const).map(async (name) => driftPart(name, (await drift)?.[name]));
}

async function diskOf(folder: string): Promise<{ free: number; noInodes: boolean }> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return { free: bavail * bsize, noInodes: files > 0 && ffree === 0 };
}

async function recordings(deps: HealthDeps): Promise<Part> {
  const { config, recordings: known } = deps;
  const disk = await recordingsDisk(deps);
  const space = { disk, reserve: config.recordings.reserveBytes, waiting: known.waiting() };
  const growing = { growing: known.growing(), quota: config.recordings.quotaBytes };
  return recordingPart('RECORDINGS_FULL', space, growing);
}

/** Sources of who is on call are asked; tickets and receivers are not, since that would tell somebody something. */
async function hooks({ config, failing, onCall }: HealthDeps): Promise<Part> {
  const sources = Object.keys(config.onCall);
  const { named } = await onCall.duty(sources);
  const silent = sources.filter((name) => !named.has(name));
  const receivers = config.notify.map((one) =>
    'webhook' in one ? new URL(one.webhook).origin : new URL(one.smtp).host,
  );
  // What a reload took out of the policy may have failed before.
  const others = new Set([...Object.keys(config.tickets), ...receivers]);
  const failed = failing.names().filter((name) => others.has(name));
  return hooksPart([...new Set([...silent, ...failed])], sources.length + others.size);
}

/** The provider's clock is known from its answer to the ping. */
async function clock({ config, outgoing }: HealthDeps, skew: Promise<number>, ping: Promise<Part>): Promise<Part> {
  const [redis] = await Promise.all([skew.catch(() => undefined), ping]);
  return clockPart({ redis, provider: outgoing.clockOf(config.oidc.issuer) });
}

/** Everybody is told that the provider is down; only root and the log are told why (core/provider-fault.ts). */
async function providerPart(deps: HealthDeps, signal: AbortSignal): Promise<Part> {
  const [name, { log, provider }] = ['provider', deps] as const;
  try {
    await provider.ping(signal);
    return answeringPart(deps);
  } catch (error) {
    const { say, hint } = providerFault(error);
    log.info('provider-down', { problem: say });
    const code = 'PROVIDER_DOWN';
    return { name, level: 'down', detail: code, why: providerDown(code, say), fix: hint };
  }
}

/** People about whom the provider cannot be asked again keep what they have until their sign-in ends. */
function answeringPart({ config, rechecks }: HealthDeps): Part {
  const { length } = rechecks.withoutRefresh();
  if (length === 0) return okay('provider', answers);
  const { say, hint } = noRefreshAdvice(config.oidc.issuer);
  return { name: 'provider', level: 'warn', detail: noRefreshTokens(length), why: say, fix: hint };
}

async function lookAtRedis({ config: { redis }, outgoing }: HealthDeps, signal: AbortSignal): Promise<undefined> {
  if (redis.kind === 'url') await lookAtRedisCertificate(redis, outgoing.note, signal);
}
