// `version`: the version of package.json at build time.
import manifest from '../../package.json' with { type: 'json' };

/** Prints it. @returns the exit code */
export function version(json: boolean): number {
  const { version: number } = manifest;
  process.stdout.write(
    json
      ? `${JSON.stringify({ version: number, node: process.version })}\n`
      : `tmux-gate ${number} (Node ${process.version})\n`,
  );
  return 0;
}
