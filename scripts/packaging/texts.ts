// What a package says of itself: release, changelog, copyright, and the licences of what is bundled.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repo } from '../sandbox/layout.ts';

export interface Release {
  readonly version: string;
  /** The time of everything in the package, in seconds since 1970: that of the commit. */
  readonly epoch: number;
}

export const maintainer = 'tmux-gate developers <developers@tmux-gate.invalid>';
export const summary = 'timed, approved, recorded access to tmux sessions over plain ssh';
export const description = [
  'Nobody has standing access. An engineer types "ssh prod-box", signs in at the',
  'OpenID provider of the company and gives a reason; a second person approves',
  'with a sign-in of their own. At the end the connection is closed, what was left',
  'running is killed, and a recording and a signed journal stay.',
];

/** @returns the release that the checkout is. @throws Error without SOURCE_DATE_EPOCH or git */
export function releaseOf(version?: string): Release {
  const manifest = JSON.parse(readFileSync(join(repo, 'package.json'), 'utf8')) as { readonly version: string };
  const epoch =
    process.env['SOURCE_DATE_EPOCH'] ??
    execFileSync('git', ['-C', repo, 'log', '-1', '--format=%ct'], { encoding: 'utf8' });
  return { version: version ?? manifest.version, epoch: Number(epoch) };
}

/** As deb-changelog(5) has it. */
export function changelog({ version, epoch }: Release): string {
  const [, day = '', date = '', month = '', year = '', time = ''] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(epoch * 1000).toUTCString()) ?? [];
  return `tmux-gate (${version}) unstable; urgency=medium

  * What changed is in NEWS.md.gz.

 -- ${maintainer}  ${day}, ${date} ${month} ${year} ${time} +0000
`;
}

/** As the machine-readable copyright format 1.0 has it. */
export function copyright({ epoch }: Release): string {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tmux-gate

Files: *
Copyright: ${new Date(epoch * 1000).getUTCFullYear()} tmux-gate developers
License: Apache-2.0
 On Debian systems the text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
Comment:
 The programs contain Node.js and packages of other authors. Their copyright
 notices and licences are in third-party-licences.gz beside this file.
`;
}

interface Bundled {
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The folders of all packages of which something is in the build, by what the builder wrote down. */
function bundledPackages(): readonly string[] {
  const programs = JSON.parse(readFileSync(join(repo, 'dist/meta.json'), 'utf8')) as Readonly<Record<string, Bundled>>;
  const names = Object.values(programs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap(
      (input) =>
        input
          .split('node_modules/')
          .slice(1)
          .at(-1)
          ?.match(/^(?:@[^/]+\/)?[^/]+/) ?? [],
    );
  return [...new Set([...names, '@lydell/node-pty', 'asciinema-player'])].sort();
}

const licenceFile = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** The licences of what the programs contain, one after another. */
export function licences(): string {
  const parts = bundledPackages().map((name) => {
    const folder = join(repo, 'node_modules', name);
    if (!existsSync(folder)) throw new Error(`${name} is in the build and not in node_modules`);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    const files = readdirSync(folder).filter((file) => licenceFile.test(file));
    const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return `${name} ${version ?? ''}, ${license ?? 'see below'}\n\n${texts.join('\n\n')}`;
  });
  return `${[...parts, nodeLicence()].join(`\n\n${'-'.repeat(78)}\n\n`)}\n`;
}

/** Node's own licence is in no package of npm's; its text has a fixed address. */
function nodeLicence(): string {
  const { version } = JSON.parse(readFileSync(join(repo, 'node_modules/node/package.json'), 'utf8')) as Record<
    string,
    string
  >;
  return `Node.js ${version ?? ''}, MIT, with parts under other licences\n\nhttps://github.com/nodejs/node/blob/v${version ?? ''}/LICENSE`;
}
