// The rules across several keys of the policy. Each has a name, reads the raw document (raw.ts) and reports what breaks it, so that rules
// and schema report together.
import { formatDuration, parseDuration } from '../core/time.ts';
import { sessionForm } from './fields.ts';
import { journalRules } from './journal-rules.ts';
import { metricsRules } from './metrics-schema.ts';
import { onCallRules } from './on-call-rules.ts';
import { fits, patternProblem } from './pattern.ts';
import { quote, type Finding } from './problem.ts';
import { at, entries, type Rule } from './raw.ts';

function serviceAccount(raw: unknown): string {
  const named = at(raw, 'service_account');
  return typeof named === 'string' ? named : 'tmux-gate';
}

/** The default window may not be longer than the longest one. */
const windowOrder: Rule = {
  name: 'window-order',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      const [normal, max] = [at(session, 'window', 'default'), at(session, 'window', 'max')].map((text) =>
        typeof text === 'string' ? parseDuration(text) : undefined,
      );
      if (normal === undefined || max === undefined || normal <= max) return [];
      const problem = `The default is longer than max, ${formatDuration(max)}; shorten it or raise max.`;
      return [{ path: ['sessions', name, 'window', 'default'], problem }];
    }),
};

/** The example of a reason must fit the pattern, since people copy it. */
const reasonExample: Rule = {
  name: 'reason-example',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      const [pattern, example] = [at(session, 'reason', 'pattern'), at(session, 'reason', 'example')];
      if (typeof pattern !== 'string' || typeof example !== 'string') return [];
      // A pattern that cannot be used is reported by the schema.
      if (patternProblem(pattern) !== undefined || fits(pattern, example)) return [];
      const problem = 'The example does not match the pattern; correct one of the two.';
      return [{ path: ['sessions', name, 'reason', 'example'], problem }];
    }),
};

/** A dedicated session belongs to one person's grants, so after these nobody could return to it (docs/design.md, "One visit"). */
const dedicatedKeep: Rule = {
  name: 'dedicated-keep',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      if (at(session, 'kind') !== 'dedicated' || at(session, 'at_expiry') !== 'keep') return [];
      const problem = 'A dedicated session ends with its grant; write at_expiry: kill, or kind: shared.';
      return [{ path: ['sessions', name, 'at_expiry'], problem }];
    }),
};

/** The warning for idle time must come before the end. */
const idleOrder: Rule = {
  name: 'idle-order',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      const [warn, end] = [at(session, 'idle', 'warn'), at(session, 'idle', 'end')].map((text) =>
        typeof text === 'string' ? parseDuration(text) : undefined,
      );
      if (warn === undefined || end === undefined || warn < end) return [];
      const problem = `The warning is not before the end, ${formatDuration(end)}; shorten it or raise end.`;
      return [{ path: ['sessions', name, 'idle', 'warn'], problem }];
    }),
};

/** A moderated session needs room for a second person, and somebody who types. */
const moderatedRoom: Rule = {
  name: 'moderated-room',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      if (at(session, 'moderated') !== true) return [];
      const path = ['sessions', name, 'moderated'];
      if (at(session, 'kind') === 'dedicated')
        return [{ path, problem: 'Nobody else gets into a dedicated session; write kind: shared.' }];
      if (at(session, 'mode') === 'view')
        return [{ path, problem: 'Nobody types where mode is view; remove one of the two.' }];
      if (at(session, 'max_connections') !== 1) return [];
      return [
        { path, problem: 'One person types and another watches, so at least two must fit; raise max_connections.' },
      ];
    }),
};

/** `ssh host NAME` reads NAME as a verb first (docs/design.md, "Requests and reviews"); tmux and paths need these characters (law 9). */
const sessionNames: Rule = {
  name: 'session-names',
  check: (raw, { reservedNames }) =>
    entries(raw, 'sessions').flatMap(([name]): Finding[] => {
      const path = ['sessions', name];
      if (!sessionForm.test(name)) {
        return [{ path, problem: 'A session name is up to 32 letters, digits, _ or -, and starts with a letter.' }];
      }
      return reservedNames.has(name)
        ? [{ path, problem: `${quote(name)} is a verb; give the session another name.` }]
        : [];
    }),
};

/** A policy without sessions would open nothing. */
const someSession: Rule = {
  name: 'some-session',
  check: (raw) => {
    const sessions = at(raw, 'sessions');
    const empty = typeof sessions === 'object' && sessions !== null && Object.keys(sessions).length === 0;
    return empty ? [{ path: ['sessions'], problem: 'There is no session; name at least one.' }] : [];
  },
};

/** A session as root makes everyone in it root; one as the service account could change recordings (law 10). */
const sessionAccounts: Rule = {
  name: 'session-accounts',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      const path = ['sessions', name, 'run_as'];
      const account = at(session, 'run_as');
      if (account === 'root') return [{ path, problem: 'A session never runs as root; name an account of its own.' }];
      if (account !== serviceAccount(raw)) return [];
      return [{ path, problem: 'This is the service account, which guards the sessions; name another account.' }];
    }),
};

/** The gate drops from root to the service account (law 10). */
const serviceNotRoot: Rule = {
  name: 'service-not-root',
  check: (raw) =>
    serviceAccount(raw) === 'root'
      ? [{ path: ['service_account'], problem: 'The service account is never root; make an account for it.' }]
      : [],
};

/** An issuer is an https URL without query and fragment (OpenID Connect Discovery 1.0 section 3). */
const issuerForm: Rule = {
  name: 'issuer-form',
  check: (raw) => {
    const issuer = at(raw, 'oidc', 'issuer');
    const url = typeof issuer === 'string' ? URL.parse(issuer) : null;
    if (url === null) return [];
    const path = ['oidc', 'issuer'];
    if (url.search !== '') return [{ path, problem: 'An issuer has no ? part; write the URL without it.' }];
    if (url.protocol !== 'http:' || at(raw, 'oidc', 'insecure_http') === true) return [];
    return [{ path, problem: 'The issuer is http:, which anyone on the network can forge; write an https URL.' }];
  },
};

/** With two ways to map a claim to a login, it is not clear which one applies. */
const oneLoginRule: Rule = {
  name: 'one-login-rule',
  check: (raw) => {
    const login = at(raw, 'oidc', 'claims', 'login');
    if (at(login, 'map') === undefined || at(login, 'strip_domain') === undefined) return [];
    const path = ['oidc', 'claims', 'login', 'map'];
    return [{ path, problem: 'There is a map and a strip_domain; keep one of them.' }];
  },
};

/** A person's groups come from one place, so that it is clear who can change them. */
const oneGroupsSource: Rule = {
  name: 'one-groups-source',
  check: (raw) => {
    const claims = at(raw, 'oidc', 'claims');
    if (at(claims, 'groups_file') === undefined) return [];
    const problem = 'There is a groups_file, which lists the groups; keep one of the two.';
    return ['groups', 'group_names']
      .filter((key) => at(claims, key) !== undefined)
      .map((key) => ({ path: ['oidc', 'claims', key], problem }));
  },
};

/** Only a client with a secret has something to send. */
const secretToSend: Rule = {
  name: 'secret-to-send',
  check: (raw) => {
    const oidc = at(raw, 'oidc');
    const files = [at(oidc, 'client_secret_file'), at(oidc, 'approval_client', 'client_secret_file')];
    if (at(oidc, 'client_authentication') === undefined || files.some((file) => file !== undefined)) return [];
    const problem = 'No client has a client_secret_file, so nothing is sent; name the file or remove this key.';
    return [{ path: ['oidc', 'client_authentication'], problem }];
  },
};

/**
 * Approval links need a client of their own: at the provider, people must see that signing in approves, and the keeper tells the two
 * kinds of sign-in apart by the token's audience.
 */
const approvalClient: Rule = {
  name: 'approval-client',
  check: (raw) => {
    const client = at(raw, 'oidc', 'approval_client', 'client_id');
    if (client === undefined || client !== at(raw, 'oidc', 'client_id')) return [];
    const path = ['oidc', 'approval_client', 'client_id'];
    return [
      { path, problem: 'This is the client of sign-ins; register another client whose name says that it approves.' },
    ];
  },
};

/** All rules, in the order of their findings. */
export const rules: readonly Rule[] = [
  windowOrder,
  reasonExample,
  dedicatedKeep,
  idleOrder,
  moderatedRoom,
  sessionNames,
  someSession,
  sessionAccounts,
  serviceNotRoot,
  issuerForm,
  oneLoginRule,
  oneGroupsSource,
  secretToSend,
  approvalClient,
  ...onCallRules,
  ...journalRules,
  ...metricsRules,
];
