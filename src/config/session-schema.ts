// The schema of one session of the policy (docs/design.md, "The policy").
import * as z from 'zod';
import { day, minute, second } from '../core/time.ts';
import { knownSecretPrompts } from '../core/secret-prompts.ts';
import type { Auditors, SessionPolicy } from '../core/policy-types.ts';
import { keepFor, keepHint } from './keep-schema.ts';
import { account, duration, durationHint, pattern, words } from './fields.ts';
import { approversSchema, auditorsSchema, autoApproveSchema, toApprovers } from './on-call-schema.ts';

const groups = z.array(words(255)).min(1);

export const sessionSchema = z
  .strictObject({
    run_as: account.meta({
      description: 'The account that the session runs as; never root, never the service account.',
    }),
    who: groups.meta({ description: 'The groups whose members may ask for this session.' }),
    approvers: approversSchema,
    auditors: auditorsSchema(
      "Who may follow this session's connections while they are live, read-only; {} names nobody. Left out: as auditors says.",
    ),
    auto_approve: autoApproveSchema,
    window: z
      .strictObject({
        default: duration(10 * second, day).meta({
          ...durationHint,
          description: 'How long a grant lasts, unless asked otherwise.',
        }),
        max: duration(10 * second, day).meta({
          ...durationHint,
          description: 'The longest that may be asked for, at most 24h.',
        }),
      })
      .meta({ description: 'How long a grant may last: 10s to 24h.' }),
    reason: z
      .strictObject({
        pattern: pattern.optional().meta({ description: 'The regular expression (RE2) that a reason must match.' }),
        hint: words(200).optional().meta({ description: 'What the engineer is told to write.' }),
        example: words(200)
          .optional()
          .meta({ description: 'A reason that fits, shown in the prompt: INC-4711 replica lag.' }),
      })
      .prefault({})
      .meta({ description: 'What a reason has to look like.' }),
    at_expiry: z
      .enum(['kill', 'keep'])
      .prefault('kill')
      .meta({ description: 'What happens to the session when its last grant ends.' }),
    session_grace: duration(second, 5 * minute)
      .prefault('10s')
      .meta({
        ...durationHint,
        description: 'How long the session has to end by itself before it is killed, at most 5m.',
      }),
    kind: z.enum(['shared', 'dedicated']).prefault('shared').meta({
      description: 'shared: one tmux server for everyone. dedicated: a server and a temporary home for each grant.',
    }),
    privileges: z.enum(['none', 'account']).prefault('none').meta({
      description: 'none: nothing inside gains rights (no_new_privs). account: the sudo rules of the account hold.',
    }),
    max_connections: z.int().min(1).max(64).optional().meta({
      description: 'How many people may be attached at once, 1 to 64. Left out: no limit of its own.',
    }),
    mode: z.enum(['type', 'view']).prefault('type').meta({
      description:
        'type: whoever attaches works in it. view: whoever attaches only watches; nothing they type reaches it.',
    }),
    moderated: z.boolean().prefault(false).meta({
      description: 'Input passes only while another person who may approve is attached too; else it is dropped.',
    }),
    idle: z
      .strictObject({
        warn: duration(second, day).meta({
          ...durationHint,
          description: 'Without a key for so long: bell and title.',
        }),
        end: duration(second, day).meta({
          ...durationHint,
          description: 'Without a key for so long: the person is disconnected. The access stays.',
        }),
      })
      .optional()
      .meta({
        description: 'How long a person may go without a key; this does not count for whoever only watches (--view).',
      }),
    record: z
      .enum(['output', 'output+input'])
      .prefault('output')
      .meta({ description: 'What is recorded: what a person saw, or also what they typed.' }),
    secret_prompts: z.array(pattern).max(20).prefault([]).meta({
      description:
        'Further prompts (RE2) after which typed input is not recorded, beside the known ones in English, German and Chinese.',
    }),
    keep: keepFor.optional().meta({
      ...keepHint,
      description:
        'How long recordings of this session are kept after their end, 1d at least, or forever. Left out: as recordings.keep says.',
    }),
  })
  .meta({ description: 'One shared tmux session.' });

type RawSession = z.output<typeof sessionSchema>;

/** The value for `Config`. @param name of the session. @param auditors the session's own, or those of the host; undefined: nobody */
export function toSession(name: string, raw: RawSession, auditors: Auditors | undefined): SessionPolicy {
  const { pattern: source, hint, example } = raw.reason;
  return {
    name,
    runAs: raw.run_as,
    who: raw.who,
    approvers: toApprovers(raw.approvers),
    ...(auditors === undefined ? {} : { auditors }),
    ...(raw.auto_approve === undefined ? {} : { autoApprove: raw.auto_approve }),
    window: { defaultMs: raw.window.default, maxMs: raw.window.max },
    reason: {
      ...(source === undefined ? {} : { pattern: source }),
      ...(hint === undefined ? {} : { hint }),
      ...(example === undefined ? {} : { example }),
    },
    atExpiry: raw.at_expiry,
    sessionGraceMs: raw.session_grace,
    kind: raw.kind,
    privileges: raw.privileges,
    ...(raw.max_connections === undefined ? {} : { maxConnections: raw.max_connections }),
    record: raw.record,
    secretPrompts: [...knownSecretPrompts, ...raw.secret_prompts],
    ...(raw.keep === undefined ? {} : { keep: raw.keep }),
    ...{ mode: raw.mode, moderated: raw.moderated },
    ...(raw.idle === undefined ? {} : { idle: { warnMs: raw.idle.warn, endMs: raw.idle.end } }),
  };
}
