// The schema of who decides: approvers, on-call sources, ticket hooks, and rules that approve without a person.
import * as z from 'zod';
import type { AutoRule } from '../core/auto-rule.ts';
import type { Shift } from '../core/shift.ts';
import type { Auditors, HookPolicy, OnCallPolicy, SessionPolicy } from '../core/policy-types.ts';
import { day, hour, second } from '../core/time.ts';
import { secretPath } from './credential.ts';
import { duration, durationHint, instant, instantHint, path, webUrl, words } from './fields.ts';

export const plainForm = /^[a-z][a-z0-9_-]{0,31}$/;
const plainName = z
  .string()
  .regex(plainForm, 'This is not a name; write up to 32 small letters, digits, _ or -, such as primary.');

const groups = z.array(words(255)).min(1);
const sources = z.array(plainName).min(1).max(8);

export const approversSchema = z
  .strictObject({
    groups: groups.optional().meta({ description: 'The groups whose members may approve or deny.' }),
    on_call: sources
      .optional()
      .meta({ description: 'The sources (on_call) that name who else may approve or deny, at that moment.' }),
    count: z.int().min(1).max(5).prefault(1).meta({ description: 'How many people have to approve.' }),
    by_link: z.boolean().prefault(true).meta({
      description: 'Whether a notice may carry an approval link. Needs oidc.approval_client.',
    }),
  })
  .meta({ description: 'Who decides on a request, and how many of them.' });

/** The value for `SessionPolicy`. */
export function toApprovers(raw: z.output<typeof approversSchema>): SessionPolicy['approvers'] {
  const { groups: named = [], on_call: onCall, count, by_link: byLink } = raw;
  return { groups: named, ...(onCall === undefined ? {} : { onCall }), count, byLink };
}

/** Who may follow live connections; empty names nobody. @param description of the key */
export const auditorsSchema = (description: string) =>
  z
    .strictObject({
      groups: groups.optional().meta({ description: 'The groups whose members may follow live connections.' }),
      on_call: sources
        .optional()
        .meta({ description: 'The sources (on_call) that name who else may follow, at that moment.' }),
    })
    .optional()
    .meta({ description });

/** The value for `SessionPolicy`; undefined when nobody is named. */
export function toAuditors(raw: z.output<ReturnType<typeof auditorsSchema>>): Auditors | undefined {
  const { groups: named = [], on_call: onCall } = raw ?? {};
  if (named.length === 0 && onCall === undefined) return undefined;
  return { groups: named, ...(onCall === undefined ? {} : { onCall }) };
}

const autoSchema = z
  .strictObject({
    name: plainName.meta({ description: 'What screens, journal and notices call the rule.' }),
    who: groups.optional().meta({ description: 'The person is in one of these groups.' }),
    on_call: sources.optional().meta({ description: 'The person is on call by one of these sources.' }),
    ticket: plainName.optional().meta({ description: 'The ticket hook (tickets) that says yes.' }),
    for: duration(10 * second, day).meta({
      ...durationHint,
      description: 'The longest time that the rule approves; for longer, people are asked.',
    }),
  })
  .transform(({ name, who, on_call: onCall, ticket, for: forMs }): AutoRule => ({
    name,
    ...(who === undefined ? {} : { who }),
    ...(onCall === undefined ? {} : { onCall }),
    ...(ticket === undefined ? {} : { ticket }),
    forMs,
  }))
  .meta({ description: 'One rule: all that it states must hold; it needs on_call or ticket.' });

export const autoApproveSchema = z.array(autoSchema).min(1).max(8).optional().meta({
  description: 'EXCEPTION: rules that approve without a second person. Left out: none.',
});

const command = z
  .array(words(1024))
  .min(1)
  .max(20)
  .superRefine(([program], context) => {
    const issue = program === undefined ? undefined : path.safeParse(program).error?.issues[0];
    if (issue !== undefined) context.addIssue({ code: 'custom', path: [0], message: issue.message });
  })
  .meta({
    description:
      'The program and its arguments; only root may be able to change it. It runs as the service account, without a shell.',
  });
const url = webUrl('This is not a web address; write an https URL without user, password or #.').meta({
  description: 'The URL that is asked.',
});
const limits = {
  answer_within: duration(second, 20 * second)
    .prefault('5s')
    .meta({ ...durationHint, description: 'How long an answer may take, at most 20s.' }),
};
const cached = {
  cache: duration(second, hour)
    .prefault('1m')
    .meta({ ...durationHint, description: 'How long an answer holds, at most 1h.' }),
};
const urlKeys = {
  url,
  secret_file: secretPath
    .optional()
    .meta({ description: 'The file with what is sent as Authorization: Bearer; only root may read it.' }),
  insecure_http: z
    .boolean()
    .prefault(false)
    .meta({ description: 'WEAKENS: lets the URL be http:, so that anyone on the network can answer.' }),
};

function toHook(
  raw: { readonly answer_within: number } & (
    | { readonly command: readonly string[] }
    | { readonly url: string; readonly secret_file?: string | undefined; readonly insecure_http: boolean }
  ),
): HookPolicy {
  const answerWithinMs = raw.answer_within;
  if ('command' in raw) return { command: raw.command, answerWithinMs };
  const { url: asked, secret_file: secretFile, insecure_http: insecureHttp } = raw;
  return { url: asked, ...(secretFile === undefined ? {} : { secretFile }), insecureHttp, answerWithinMs };
}

const turnSchema = z
  .strictObject({
    from: instant.meta({ ...instantHint, description: 'When it begins, in UTC.' }),
    until: instant.meta({ ...instantHint, description: 'When it ends, in UTC.' }),
    every: duration(day, 366 * day)
      .optional()
      .meta({ ...durationHint, description: 'After how long it comes again, such as 14d. Left out: it comes once.' }),
    people: z
      .array(words(320))
      .min(1)
      .max(100)
      .meta({ description: 'Logins, or values of the claim that names logins.' }),
  })
  .superRefine(({ from, until, every }, context) => {
    if (until <= from) context.addIssue({ code: 'custom', path: ['until'], message: 'This is not after from.' });
    else if (every !== undefined && until - from > every)
      context.addIssue({
        code: 'custom',
        path: ['every'],
        message: 'The turn is longer than this, so it would begin again before it ends.',
      });
  })
  .transform(({ from, until, every, people }): Shift => ({
    ...{ from, until, people },
    ...(every === undefined ? {} : { everyMs: every }),
  }));

const rotaSource = z
  .strictObject({ rota: z.array(turnSchema).min(1).max(500).meta({ description: 'Turns; several may hold at once.' }) })
  .transform(({ rota }): OnCallPolicy => ({ rota }));

const commandSource = z
  .strictObject({ command, ...cached, ...limits })
  .transform((raw): OnCallPolicy => ({ hook: toHook(raw), cacheMs: raw.cache }));

const urlSource = z
  .strictObject({ ...urlKeys, ...cached, ...limits })
  .transform((raw): OnCallPolicy => ({ hook: toHook(raw), cacheMs: raw.cache }));

export const onCallSchema = z
  .record(plainName, z.union([rotaSource, commandSource, urlSource]))
  .prefault({})
  .meta({ description: 'Who is on call, by name: a rota, or a command or url that prints a JSON list of people.' });

export const ticketsSchema = z
  .record(
    plainName,
    z.union([z.strictObject({ command, ...limits }), z.strictObject({ ...urlKeys, ...limits })]).transform(toHook),
  )
  .prefault({})
  .meta({
    description: 'Ticket hooks by name: a command or url that gets a request as JSON and answers {"approve": true}.',
  });
