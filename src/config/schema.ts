// The schema of /etc/tmux-gate/config.yaml (docs/design.md, "The policy"). Every object is strict: an unknown key is a problem. Checks
// across several keys are in rules.ts. The descriptions go into docs/config.schema.json, and into the message about a missing key.
import * as z from 'zod';
import { labelForm } from '../core/host-pattern.ts';
import { day, hour, second } from '../core/time.ts';
import type { Config } from '../core/policy-types.ts';
import { flowSchema } from './code-flow-schema.ts';
import { account, bare, duration, durationHint, hostName, hostPattern, path, sessionForm } from './fields.ts';
import { journalSchema, toJournal } from './journal-schema.ts';
import { metricsSchema } from './metrics-schema.ts';
import { noticeSchema } from './notice-schema.ts';
import { auditorsSchema, onCallSchema, ticketsSchema, toAuditors } from './on-call-schema.ts';
import { oidcSchema } from './oidc-schema.ts';
import { recordingsSchema } from './recordings-schema.ts';
import { redisSchema } from './redis-schema.ts';
import { sessionSchema, toSession } from './session-schema.ts';

const signInSchema = z
  .strictObject({
    lifetime: duration(second, day)
      .prefault('8h')
      .meta({ ...durationHint, description: 'How long a completed sign-in is remembered, at most 24h.' }),
    recheck: duration(10 * second, day)
      .prefault('1m')
      .meta({ ...durationHint, description: 'How often live identities are checked at the provider, at least 10s.' }),
    flow: flowSchema,
  })
  .prefault({})
  .transform((raw) => ({ lifetimeMs: raw.lifetime, recheckMs: raw.recheck, flow: raw.flow }))
  .meta({ description: 'How people sign in, and how long that lasts.' });

const breakGlassSchema = z
  .strictObject({
    window: duration(10 * second, hour)
      .prefault('15m')
      .meta({ ...durationHint, description: 'How long a break-glass code opens a session, at most 1h.' }),
  })
  .prefault({})
  .transform((raw) => ({ windowMs: raw.window }))
  .meta({ description: 'What a break-glass code opens.' });

const requestSchema = z
  .strictObject({
    answer_within: duration(second, day)
      .prefault('30m')
      .meta({ ...durationHint, description: 'How long a request waits for its reviews, at most 24h.' }),
  })
  .prefault({})
  .transform((raw) => ({ answerWithinMs: raw.answer_within }))
  .meta({ description: 'How long a request lasts.' });

/** The whole file: from YAML values to `Config`. */
export const configSchema = z
  .strictObject({
    host: hostName.meta({ description: "This host's name, as people read it and as grants name it." }),
    service_account: account
      .prefault('tmux-gate')
      .meta({ description: 'The account that the gate becomes once it relays; used for nothing else.' }),
    oidc: oidcSchema,
    redis: redisSchema,
    sign_in: signInSchema,
    request: requestSchema,
    break_glass: breakGlassSchema,
    sessions: z
      .record(z.string().meta({ pattern: sessionForm.source }), sessionSchema) // the rules check the names
      .meta({ description: 'The sessions by name; a name is what people type after ssh.' }),
    auditors: auditorsSchema(
      'Who may follow live connections, read-only, in the sessions that do not name their own. Left out: nobody.',
    ),
    recordings: recordingsSchema,
    on_call: onCallSchema,
    tickets: ticketsSchema,
    notify: z
      .array(noticeSchema)
      .prefault([])
      .meta({ description: 'Who is told of requests and of what comes of them.' }),
    peers: z
      .record(hostName, path)
      .prefault({})
      .meta({ description: 'Other hosts of the fleet: name to the path of its public key (JWK).' }),
    host_labels: z
      .record(
        z.string().regex(labelForm, 'A label is a key and a value, such as role=web.'),
        z.array(hostPattern).min(1),
      )
      .prefault({})
      .meta({
        description:
          'Names for several hosts, such as role=web: patterns of this host and its peers, for `request SESSION@role=web`.',
      }),
    journal: journalSchema,
    metrics: metricsSchema.optional(),
    insecure_login_homes: z.boolean().prefault(false).meta({
      description: 'WEAKENS: lets in logins whose home they can write or whose shell runs rc files.',
    }),
  })
  .transform((raw): Config => ({
    host: raw.host,
    serviceAccount: raw.service_account,
    oidc: raw.oidc,
    redis: raw.redis,
    signIn: raw.sign_in,
    request: raw.request,
    breakGlass: raw.break_glass,
    sessions: bare(
      Object.entries(raw.sessions).map(([name, session]) => [
        name,
        toSession(name, session, toAuditors(session.auditors ?? raw.auditors)),
      ]),
    ),
    recordings: raw.recordings,
    onCall: bare(Object.entries(raw.on_call)),
    tickets: bare(Object.entries(raw.tickets)),
    notify: raw.notify,
    peers: bare(Object.entries(raw.peers)),
    hostLabels: bare(Object.entries(raw.host_labels)),
    journal: toJournal(raw.journal),
    witnesses: raw.journal.witness,
    ...(raw.metrics === undefined ? {} : { metrics: raw.metrics }),
    insecureLoginHomes: raw.insecure_login_homes,
  }))
  .meta({ title: 'tmux-gate policy', description: 'The policy of one host: /etc/tmux-gate/config.yaml.' });

/** The schema of the file as JSON Schema (draft 2020-12), for editors and for docs/config.schema.json. */
export function configJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
