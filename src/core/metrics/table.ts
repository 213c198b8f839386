// All metrics of /metrics. The meters accept no others, and the table of docs/metrics.md is generated from these.
//
// 1. The number of series is bounded: each metric says the most that it can have, and all together have no more than `mostSeries`. Attack:
//    somebody who types ever new commands fills the memory of the keeper and of the Prometheus server.
// 2. A label holds a word of our own, or a name that root wrote into the policy. What a person typed, who they are, a request, a reason or a
//    ticket is never part of a label or a name (law 11). Whoever may read metrics may not read the journal.

/** The most series of one host. */
export const mostSeries = 200;
/** The most sessions, refusal codes and witnesses with series of their own; the rest is `other`. */
export const most = { sessions: 32, codes: 60, witnesses: 10 } as const;

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricSpec {
  readonly type: MetricType;
  /** What it is, in one sentence: the HELP line. */
  readonly about: string;
  readonly labels: readonly string[];
  /** The most series that it can have (rule 1). */
  readonly most: number;
  /** Of a histogram: the upper bounds, in its unit. */
  readonly buckets?: readonly number[];
}

type Labelled<L extends string, T extends MetricType> = MetricSpec & {
  readonly type: T;
  readonly labels: readonly L[];
};

const counter = (about: string): Labelled<never, 'counter'> => ({ type: 'counter', about, labels: [], most: 1 });
const gauge = (about: string): Labelled<never, 'gauge'> => ({ type: 'gauge', about, labels: [], most: 1 });

function by<L extends string, T extends MetricType>(
  spec: Labelled<never, T>,
  labels: readonly L[],
  most: number,
): Labelled<L, T> {
  return { ...spec, labels, most };
}

const delays = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** A histogram has a series for each bucket, one for all, the sum and the count. */
const delay = (about: string): Labelled<never, 'histogram'> => ({
  type: 'histogram',
  about,
  labels: [],
  most: delays.length + 3,
  buckets: delays,
});

/** `attached`, each code that has a series of its own, and `other`. */
const visitSeries = 1 + most.codes + 1;

const access = {
  tmux_gate_visits_total: by(
    counter('Visits: let in (outcome attached), or refused with a code, whatever was asked for.'),
    ['outcome', 'code'],
    visitSeries,
  ),
  tmux_gate_sign_ins_total: counter('Completed sign-ins.'),
  tmux_gate_requests_total: counter('Requests for access.'),
  tmux_gate_request_ends_total: by(
    counter('Ends of requests: granted, denied, withdrawn, lapsed or unanswered.'),
    ['outcome'],
    5,
  ),
  tmux_gate_grants: gauge('Live grants.'),
  tmux_gate_grant_ends_total: by(counter('Ends of grants: expired, revoked or withdrawn.'), ['why'], 3),
  tmux_gate_break_glass_total: by(counter('Break-glass codes: used, or wrong.'), ['code'], 2),
  tmux_gate_locks: by(gauge('Locks that hold: of single logins, or of everyone.'), ['target'], 2),
  tmux_gate_connections: by(gauge('Live connections.'), ['session'], most.sessions + 1),
  tmux_gate_sessions: gauge('Sessions (tmux servers) that are registered.'),
};

const ends = {
  tmux_gate_end_lateness_seconds: delay(
    'For a connection that lasted until its end: from that instant until nothing was left of it.',
  ),
  tmux_gate_revocation_seconds: delay('From a revocation on disk until nothing was left of the grant.'),
  tmux_gate_connections_overdue: gauge('Connections that are past their end and not gone yet.'),
  tmux_gate_ends_failed_total: counter('Ends that could not be carried out completely; the next keeper tries again.'),
};

const evidence = {
  tmux_gate_journal_up: gauge('1 if the last record could be written, and the journal is as this host left it.'),
  tmux_gate_journal_records_total: counter('Records written since the keeper started, without signed heads.'),
  tmux_gate_journal_write_failures_total: counter('Records that could not be written.'),
  tmux_gate_journal_written_timestamp_seconds: gauge('When a record was last on disk.'),
  tmux_gate_journal_checkpoint_timestamp_seconds: gauge('When the checkpoint was last signed and replaced.'),
  tmux_gate_journal_free_bytes: gauge('Free space where the journal is.'),
  tmux_gate_journal_contradictions_total: counter(
    'Forks: of peers, as this host saw them, and of this host, as a witness said.',
  ),
  tmux_gate_witness_lag_seconds: by(
    gauge('For how long there have been records that the witness has not cosigned; 0 if there are none.'),
    ['witness'],
    most.witnesses + 1,
  ),
  tmux_gate_recordings_free_bytes: gauge('Free space where the recordings are.'),
  tmux_gate_recordings_reserve_bytes: gauge('With less free space than this, nobody is let in.'),
  tmux_gate_recordings_waiting: gauge('Recordings that are over and not sealed yet.'),
};

const parts = {
  tmux_gate_redis_up: gauge('1 if Redis answered when it was last asked.'),
  tmux_gate_clock_skew_seconds: gauge('The clock of Redis minus the clock of this host, at the last look.'),
  tmux_gate_issuer_up: gauge('1 if the OIDC provider answered when it was last asked; missing before that.'),
  tmux_gate_issuer_checked_timestamp_seconds: gauge('When the OIDC provider was last asked.'),
  tmux_gate_certificate_expiry_timestamp_seconds: gauge(
    'When the first certificate ends, of those that servers showed to the keeper; missing where none did.',
  ),
  tmux_gate_notices_failed_total: counter('Notices that were given up.'),
  tmux_gate_notices_held_back_total: counter('Times that further notices of one login were held back.'),
  tmux_gate_disks_read_timestamp_seconds: gauge('When the free space of the disks was last read.'),
  tmux_gate_loop_turn_seconds: gauge('The longest turn of the event loop in this minute and the one before.'),
  tmux_gate_build_info: by(gauge('The version of tmux-gate and of Node; always 1.'), ['version', 'node'], 1),
};

/** The names are those that Prometheus' own clients use. */
const processes = {
  process_cpu_seconds_total: counter('User and system CPU time of the keeper.'),
  process_resident_memory_bytes: gauge('Resident memory of the keeper.'),
  process_start_time_seconds: gauge('When the keeper started.'),
  process_open_fds: gauge('Open file descriptors of the keeper.'),
  nodejs_heap_used_bytes: gauge("Used heap of the keeper's JavaScript."),
};

/** By topic, as docs/metrics.md shows them. */
export const metricTopics = {
  Access: access,
  'Ends of access': ends,
  Evidence: evidence,
  'Parts of the host': parts,
  'The process': processes,
} as const;

export const metrics = { ...access, ...ends, ...evidence, ...parts, ...processes } as const satisfies Readonly<
  Record<string, MetricSpec>
>;

export type MetricName = keyof typeof metrics;
type Of<T extends MetricType> = {
  [N in MetricName]: (typeof metrics)[N]['type'] extends T ? N : never;
}[MetricName];
export type CounterName = Of<'counter'>;
export type GaugeName = Of<'gauge'>;
export type HistogramName = Of<'histogram'>;

/** The labels of a series: each that the metric has, and no other. */
export type LabelsOf<N extends MetricName> = Readonly<Record<(typeof metrics)[N]['labels'][number], string>>;

/** What a counter gets more of. */
export type Count = { [N in CounterName]: { readonly metric: N; readonly labels: LabelsOf<N> } }[CounterName];
