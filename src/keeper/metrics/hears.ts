// What the adapters tell the metrics: records of the journal, and whether Redis and the provider answered. They are asked nothing for it.
import type { JournalHears } from '../../adapters/journal/heard.ts';
import type { Meters } from '../../adapters/metrics/meters.ts';
import type { Provider } from '../../adapters/oidc.ts';
import { countOf } from '../../core/metrics/journal-counts.ts';
import { Refused } from '../../core/refusal.ts';
import { second } from '../../core/time.ts';

/** Whom the adapters tell. */
export interface MetricsHears {
  readonly journal: JournalHears;
  /** Whether Redis answered. */
  readonly redis: (answered: boolean) => void;
  /** Whether the provider answered. */
  readonly issuer: (answered: boolean) => void;
}

/** @param now instant, ms */
export function hearsOf(meters: Meters, now: () => number): MetricsHears {
  const at = (): number => now() / second;
  return {
    journal: {
      written: (event, fields) => {
        meters.count({ metric: 'tmux_gate_journal_records_total', labels: {} });
        meters.set('tmux_gate_journal_up', {}, 1);
        meters.set('tmux_gate_journal_written_timestamp_seconds', {}, at());
        const count = countOf(event, fields);
        if (count !== undefined) meters.count(count);
      },
      failed: () => {
        meters.count({ metric: 'tmux_gate_journal_write_failures_total', labels: {} });
        meters.set('tmux_gate_journal_up', {}, 0);
      },
      signed: () => meters.set('tmux_gate_journal_checkpoint_timestamp_seconds', {}, at()),
    },
    redis: (answered) => meters.set('tmux_gate_redis_up', {}, Number(answered)),
    issuer: (answered) => {
      meters.set('tmux_gate_issuer_up', {}, Number(answered));
      meters.set('tmux_gate_issuer_checked_timestamp_seconds', {}, at());
    },
  };
}

/** The same provider; `hear` is told whether it answered, each time that somebody asks it. */
export function heardProvider(provider: Provider, hear: (answered: boolean) => void): Provider {
  const heard = async <T>(signal: AbortSignal, answer: Promise<T>): Promise<T> => {
    try {
      const value = await answer;
      hear(true);
      return value;
    } catch (error) {
      if (error instanceof Refused) hear(error.code !== 'PROVIDER_DOWN');
      else if (!signal.aborted) hear(false);
      throw error;
    }
  };
  return {
    ...provider,
    begin: async (signal) => heard(signal, provider.begin(signal)),
    beginByLink: async (asked, signal) => heard(signal, provider.beginByLink(asked, signal)),
    ping: async (signal) => heard(signal, provider.ping(signal)),
    recheck: async (token, signal) => {
      const answer = await provider.recheck(token, signal);
      hear(answer.state !== 'unknown');
      return answer;
    },
  };
}
