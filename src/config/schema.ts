// The schema of /etc/tmux-gate/config.yaml (docs/design.md, "The policy"). Every object is strict: an unknown key is a problem. Checks
// across several keys are in rules.ts. The descriptions go into docs/config.schema.json, and into the message about a missing key.
import * as z from 'zod';
import { day, hour, second } from '../core/time.ts';
import type { LoginRule } from '../core/identity.ts';
import type { Config, OidcClient, OidcPolicy, RedisPolicy } from '../core/policy-types.ts';
import {
  account,
  bare,
  domain,
  duration,
  durationHint,
  hostName,
  path,
  redisUrl,
  sessionForm,
  webUrl,
  words,
} from './fields.ts';
import { journalSchema, toJournal } from './journal-schema.ts';
import { noticeSchema } from './notice-schema.ts';
import { auditorsSchema, onCallSchema, ticketsSchema, toAuditors } from './on-call-schema.ts';
import { recordingsSchema } from './recordings-schema.ts';
import { sessionSchema, toSession } from './session-schema.ts';

const claimsSchema = z
  .strictObject({
    login: z
      .strictObject({
        claim: words(128).meta({ description: 'The claim of the ID token that names the login, such as email.' }),
        strip_domain: domain.optional().meta({
          description:
            'The mail domain that is cut off the claim to get the login; other domains get none. Not with map.',
        }),
        map: z
          .record(account, words(320))
          .optional()
          .meta({ description: 'Login to claim value, one line for each login. Not with strip_domain.' }),
      })
      .transform(({ claim, strip_domain, map }): LoginRule => {
        if (map !== undefined) return { claim, map: bare(Object.entries(map)) };
        return strip_domain === undefined ? { claim } : { claim, stripDomain: strip_domain };
      })
      .meta({ description: 'Which login an identity may use.' }),
    groups: words(128).prefault('groups').meta({ description: "The claim that lists a person's groups." }),
  })
  .meta({ description: 'How claims of the ID token become a login and groups.' });

const secretFile = path.optional().meta({
  description:
    "The file with the client's secret, owned by root and readable by nobody else. Left out: a public client.",
});

const approvalClientSchema = z
  .strictObject({
    client_id: words(256).meta({ description: 'Its client id: another one than that of sign-ins.' }),
    client_secret_file: secretFile,
  })
  .transform((raw) => clientOf(raw))
  .meta({
    description:
      'Turns approval links on: the client whose name at the provider says that signing in to it approves. Left out: no links.',
  });

function clientOf(raw: { readonly client_id: string; readonly client_secret_file?: string | undefined }): OidcClient {
  const { client_id: clientId, client_secret_file: clientSecretFile } = raw;
  return { clientId, ...(clientSecretFile === undefined ? {} : { clientSecretFile }) };
}

const oidcSchema = z
  .strictObject({
    issuer: webUrl(
      'This is not an issuer; write an https URL without user, password or #, as the provider gives it.',
    ).meta({
      description: 'The URL of the OpenID provider, exactly as its discovery document gives it.',
    }),
    client_id: words(256).meta({ description: 'The client id that the provider gave to tmux-gate.' }),
    client_secret_file: secretFile,
    approval_client: approvalClientSchema.optional(),
    scopes: z
      .array(words(128))
      .refine((scopes) => scopes.includes('openid'), 'openid is missing; without it the provider gives no ID token.')
      .prefault(['openid', 'email', 'profile'])
      .meta({ description: 'The scopes that are asked for; openid must be among them.' }),
    claims: claimsSchema,
    insecure_http: z
      .boolean()
      .prefault(false)
      .meta({ description: 'WEAKENS: lets the issuer be http:, so that whoever is on the line can forge sign-ins.' }),
    insecure_unstated_email: z.boolean().prefault(false).meta({
      description:
        'WEAKENS: where the login claim is `email`, takes an address of which the provider does not say whether it is verified (no email_verified in the ID token). One that it calls unverified names nobody all the same.',
    }),
  })
  .transform((raw): OidcPolicy => ({
    issuer: raw.issuer,
    ...clientOf(raw),
    ...(raw.approval_client === undefined ? {} : { approvalClient: raw.approval_client }),
    scopes: raw.scopes,
    claims: raw.claims,
    insecureHttp: raw.insecure_http,
    ...(raw.insecure_unstated_email ? { insecureUnstatedEmail: true } : {}),
  }))
  .meta({ description: "The company's OpenID provider." });

const redisUrlForm = redisUrl.meta({ description: 'A redis:, rediss: or unix: URL without a password.' });
const redisSchema = z
  .union([
    z.literal('embedded'),
    redisUrlForm,
    z.strictObject({
      url: redisUrlForm,
      password_file: path
        .optional()
        .meta({ description: 'The file with the password, owned by root and readable by nobody else.' }),
    }),
  ])
  .prefault('embedded')
  .transform((raw): RedisPolicy => {
    if (raw === 'embedded') return { kind: 'embedded' };
    if (typeof raw === 'string') return { kind: 'url', url: raw };
    const { url, password_file: passwordFile } = raw;
    return { kind: 'url', url, ...(passwordFile === undefined ? {} : { passwordFile }) };
  })
  .meta({
    description: 'Where requests and grants are shared: embedded for a single host, or the address of a Redis.',
  });

const signInSchema = z
  .strictObject({
    lifetime: duration(second, day)
      .prefault('8h')
      .meta({ ...durationHint, description: 'How long a completed sign-in is remembered, at most 24h.' }),
    recheck: duration(10 * second, day)
      .prefault('1m')
      .meta({ ...durationHint, description: 'How often live identities are checked at the provider, at least 10s.' }),
  })
  .prefault({})
  .transform((raw) => ({ lifetimeMs: raw.lifetime, recheckMs: raw.recheck }))
  .meta({ description: 'How long a sign-in lasts.' });

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
    journal: journalSchema,
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
    journal: toJournal(raw.journal),
    witnesses: raw.journal.witness,
    insecureLoginHomes: raw.insecure_login_homes,
  }))
  .meta({ title: 'tmux-gate policy', description: 'The policy of one host: /etc/tmux-gate/config.yaml.' });

/** The schema of the file as JSON Schema (draft 2020-12), for editors and for docs/config.schema.json. */
export function configJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
