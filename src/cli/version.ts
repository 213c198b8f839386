// `version`: the version of package.json at build time.
import { versionLine } from '../core/messages/host.ts';
import manifest from '../../package.json' with { type: 'json' };

/** Prints it. @returns the exit code */
export function version(json: boolean): number {
  const { version: number } = manifest;
  process.stdout.write(
    json ? `${JSON.stringify({ version: number, node: process.version })}\n` : versionLine(number, process.version),
  );
  return 0;
}
