// Reads a file of answers for `init --from`. Every object is strict, and all problems are told at once, as in the policy.
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { readYaml } from '../config/document.ts';
import { badAnswers } from '../core/messages/setup-faults.ts';
import { SetupFault } from './fault.ts';

const words = z.string().min(1).max(1024);
const list = z.union([words.transform((one) => [one]), z.array(words).min(1)]);
const client = z.strictObject({ client_id: words, client_secret_file: words.optional() });
/** As in the policy, whose own schema checks them. */
const policyKeys = z.record(words, z.unknown());
const login = z.strictObject({ name: words, keys: list });

const answersSchema = z.strictObject({
  host: words.optional(),
  oidc: z
    .strictObject({
      issuer: words.optional(),
      client_id: words.optional(),
      client_secret_file: words.optional(),
      approval_client: client.optional(),
      insecure_http: z.boolean().optional(),
      claims: policyKeys.optional(),
      settings: policyKeys.optional(),
    })
    .prefault({}),
  sign_in: policyKeys.optional(),
  session: z
    .strictObject({
      name: words.optional(),
      run_as: words.optional(),
      who: list.optional(),
      approvers: list.optional(),
      count: z.int().min(1).max(10).optional(),
      window: z.strictObject({ default: words, max: words }).optional(),
    })
    .prefault({}),
  logins: z.array(login).prefault([]),
});

/** Answers as far as they were given. */
export type Given = z.output<typeof answersSchema>;

/** No answers. */
export const noAnswers: Given = { oidc: {}, session: {}, logins: [] };

/** Reads a file of answers. @throws SetupFault with every problem */
export async function readAnswers(path: string): Promise<Given> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SetupFault(badAnswers(path, [(error as NodeJS.ErrnoException).code ?? 'unread']));
  });
  const { value, findings } = readYaml(text);
  if (value === undefined)
    throw new SetupFault(
      badAnswers(
        path,
        findings.map(({ problem }) => problem),
      ),
    );
  const parsed = answersSchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new SetupFault(
    badAnswers(
      path,
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ),
  );
}
