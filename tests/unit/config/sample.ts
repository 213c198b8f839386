import { ConfigError, type Problem } from '../../../src/config/problem.ts';
import { parseConfig } from '../../../src/config/load.ts';

export const options = { reservedNames: new Set(['attach', 'approve', 'requests']) };

/** The smallest policy that is accepted. */
export const smallest = `host: prod-box
oidc:
  issuer: https://id.example.com
  client_id: tmux-gate
  claims: { login: { claim: email, strip_domain: example.com } }
sessions:
  prod-db:
    run_as: dba
    who: [engineers]
    approvers: { groups: [oncall] }
    window: { default: 30m, max: 1h }
`;

/** The smallest policy with one text replaced by another. */
export function altered(from: string, to: string): string {
  if (!smallest.includes(from)) throw new Error(`the sample lacks ${from}`);
  return smallest.replace(from, () => to);
}

export function problemsOf(text: string): readonly Problem[] {
  try {
    parseConfig(text, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
