// The man pages, by their path from the project's top.
import { readFileSync } from 'node:fs';
import { gatePage } from './gate.ts';
import { keeperPage } from './keeper.ts';
import { policyPage } from './policy.ts';
import { source } from './roff.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

export const manPages: ReadonlyMap<string, string> = new Map(
  [gatePage, keeperPage, policyPage].map((page) => [
    `docs/man/${page.name}.${page.section}`,
    source({ ...page, version }),
  ]),
);
