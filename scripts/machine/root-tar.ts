// Makes the packed root file system of a release where the cache has none, and prints its path. The words are the release, and --ansible for one
// that Ansible can manage, or --cloud-init for an image of a cloud.
import { forAnsible, forCloudInit, rootTar, suites, type Suite } from './boot.ts';

const [, , suite = 'bookworm', managed = ''] = process.argv;
const more: Readonly<Record<string, readonly string[]>> = { '--ansible': forAnsible, '--cloud-init': forCloudInit };

try {
  if (!Object.hasOwn(suites, suite)) throw new Error(`there is ${Object.keys(suites).join(', ')}`);
  process.stdout.write(`${await rootTar(suite as Suite, more[managed] ?? [])}\n`);
} catch (error) {
  process.stderr.write(`fresh-host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
