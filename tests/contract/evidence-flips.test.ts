// One byte of evidence is another one: verify.sh and the second verifier find it, in whichever file it is, also where whoever changed it made the
// list of digests anew, so that only signatures, proofs and chains are left to show it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changes, Example, flipped, provingOf, unpack, verify, verifyShortly } from './evidence/verifying.ts';

const example = new Example();
const { work } = example;
beforeAll(async () => example.make());
afterAll(() => work.close());

type Files = ReadonlyMap<string, Buffer>;
interface Tried {
  /** How many bytes each verifier was given changed. */
  readonly inShell: number;
  readonly inPython: number;
  /** What a verifier did not find. */
  readonly passed: readonly string[];
}

/** So many changes of each file, for the verifier in Python; the first `inShell` of them for the script, too. Two at a time. */
async function trying(
  files: Files,
  folderOf: (files: Files) => string,
  count: number,
  inShell: number,
): Promise<Tried> {
  const all = [...files].flatMap(([name, content]) =>
    changes(content)
      .slice(0, count)
      .map((changed, at) => ({ name, at, changed })),
  );
  const passed: string[] = [];
  const rest = all.values();
  const one = async (): Promise<void> => {
    for (const { name, at, changed } of rest) {
      const folder = folderOf(new Map(files).set(name, changed));
      const codes = [(await verifyShortly(folder)).code];
      if (at < inShell) codes.push((await verify(folder)).code);
      if (codes.some((code) => code !== 1)) passed.push(`${name} ${String(at)}: ${codes.join()}`);
    }
  };
  await Promise.all([one(), one()]);
  return { inShell: all.filter(({ at }) => at < inShell).length, inPython: all.length, passed };
}

function listed(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .map((path) => [path.slice(folder.length + 1), readFileSync(path)]);
}

describe('one byte', () => {
  test('of any file is found', async () => {
    const folder = await unpack(work, await work.archive(example.good));
    const files = new Map(listed(folder));
    const { inShell, inPython, passed } = await trying(files, (changed) => work.unpacked(changed), 8, 1);
    expect(passed).toEqual([]);
    expect(inPython).toBeGreaterThanOrEqual(100);
    expect(inShell).toBe(files.size);
  });

  test('of any file that proves something is found, whoever made the list of digests anew', async () => {
    const proving = provingOf(example.good);
    const rest = [...example.good].filter(([name]) => !proving.has(name));
    const folderOf = (changed: Files): string => work.summed(new Map([...rest, ...changed]));
    const { inShell, passed } = await trying(proving, folderOf, 8, 8);
    expect(passed).toEqual([]);
    expect(inShell).toBeGreaterThanOrEqual(100);
  });

  test('of the tar itself is found: of a header, of the padding, of its end', async () => {
    const tar = readFileSync(await work.archive(example.good));
    const size = parseInt(tar.toString('latin1', 124, 135), 8);
    for (const at of [0, 105, 140, 150, 300, 512 + size + 1, tar.length - 1]) {
      const path = work.next('flip.tar');
      writeFileSync(path, flipped(tar, at));
      expect([at, (await verify(path)).code]).toEqual([at, 1]);
    }
    for (const bytes of [
      tar.subarray(0, -1),
      Buffer.concat([tar, Buffer.from('x')]),
      Buffer.concat([tar, Buffer.alloc(512)]),
    ]) {
      const path = work.next('cut.tar');
      writeFileSync(path, bytes);
      expect((await verify(path)).code).toBe(1);
    }
  });
});
