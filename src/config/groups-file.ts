// Reads `oidc.claims.groups_file`: which groups each person is in, where the provider has no groups (Google).
//
// 1. Only root can have written the file (safety.ts). Attack: another account makes itself an approver.
// 2. One person has one entry, whatever the case of their mail domain. Accident: an approver is taken out of one entry and stays in the
//    other.
// 3. A file that cannot be read names nobody: it is refused as a whole (law 1). Accident: half of a list is in force.
import * as z from 'zod';
import { foldedClaim, type GroupList } from '../core/identity.ts';
import { maxConfigBytes, readYaml } from './document.ts';
import { words } from './fields.ts';
import { formatPath, formatProblem, quote, type Finding } from './problem.ts';
import { readGuarded, UnsafeFileError } from './safety.ts';

const schema = z.record(words(320), z.array(words(255)));
const mostReasons = 10;

/** A list of groups, and the bytes that it was read from. */
export interface GroupsFile {
  readonly bytes: Buffer;
  readonly list: GroupList;
}

/**
 * Reads the list.
 * @param known the last one; it is returned where the file is still the same.
 * @throws UnsafeFileError with what is wrong with it (rules 1 to 3)
 */
export async function readGroupsFile(path: string, known?: GroupsFile): Promise<GroupsFile> {
  const bytes = await readGuarded(path, { maxBytes: maxConfigBytes });
  return known?.bytes.equals(bytes) === true ? known : { bytes, list: listOf(bytes, path) };
}

/** @throws UnsafeFileError with what is wrong with the file */
export async function checkGroupsFile(path: string): Promise<void> {
  await readGroupsFile(path);
}

function listOf(bytes: Buffer, path: string): GroupList {
  const source = readYaml(bytes.toString());
  const parsed = schema.safeParse(source.value);
  const people = parsed.success ? Object.entries(parsed.data) : [];
  const findings = [...source.findings, ...(parsed.success ? twice(people) : parsed.error.issues.map(malformed))];
  if (findings.length > 0) {
    const reasons = findings.map(({ path: at, problem, line = source.lineOf(at) }) =>
      formatProblem({ path: formatPath(at), problem, ...(line === undefined ? {} : { line }) }),
    );
    throw new UnsafeFileError(path, [...new Set(reasons)].slice(0, mostReasons));
  }
  const byClaim = new Map(people.map(([name, groups]) => [foldedClaim(name), groups]));
  return (claim) => byClaim.get(foldedClaim(claim)) ?? [];
}

function malformed({ path }: z.core.$ZodIssue): Finding {
  const problem = 'Write each person with a list of groups, such as alice@example.com: [engineers].';
  return { path: path.map((step) => (typeof step === 'number' ? step : String(step))), problem };
}

/** Rule 2. */
function twice(people: readonly (readonly [string, unknown])[]): readonly Finding[] {
  const seen = new Map<string, string>();
  return people.flatMap(([name]) => {
    const other = seen.get(foldedClaim(name));
    seen.set(foldedClaim(name), name);
    return other === undefined
      ? []
      : [{ path: [name], problem: `This is the same person as ${quote(other)}; keep one.` }];
  });
}
