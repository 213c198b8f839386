// Transcripts: what a person saw, as text that a reviewer can read. What differs between runs (ids, times, ports, codes) is replaced by
// names, and the text is compared with the kept file.
import { expect } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Host } from '../../scripts/sandbox/host.ts';

const folder = join(import.meta.dirname, '../scenarios');

/** Replaces what differs between two runs by names. */
export function normalise(text: string, host: Host): string {
  const qr = /(?:^ *[█▀▄ ]{20,}\n)+/gm;
  return text
    .replace(qr, '  (QR code)\n')
    .replace(/\([\dms ]+(?: left)?\)\. Press (\S+) to cancel\./g, '(TIME). Press $1 to cancel.')
    .replace(/^(.*\(TIME\)\. Press \S+ to cancel\.\n)\1+/gm, '$1')
    .replaceAll(host.layout.serviceAccount, 'SERVICE')
    .replaceAll(host.layout.sessionAccount, 'dba')
    .replaceAll(`${host.prefix}-`, '')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\b(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}\b/gi, '(one-time code)')
    .replace(/[A-Z]{4}-[A-Z]{4}/g, 'CODE-CODE')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'DATE TIME UTC')
    .replace(/\d\d:\d\d:\d\d UTC/g, 'TIME UTC')
    .replace(/\((?:\d+m )?\d+[ms] left\)/g, '(TIME left)')
    .replace(/(?<=Extends   )[0-9A-Z]{10}/g, 'GRANT')
    .replace(/(?:\d+m )?\d+[ms] left( +\d\d:\d\d)?$/gm, 'TIME left')
    .replace(/\b(?:\d+m )?\d+s(?=, )/g, 'TIME')
    .replace(
      /(?<=[Rr]equest |approve |Approved |Denied |Extended |APPROVE |DENY |for |to |of )(?=[0-9A-Z]*\d|[A-Z]{6})[0-9A-HJKMNP-TV-Z]{6}(?![0-9A-Za-z])/g,
      'ID',
    )
    .replace(/@vm?\b|(?<=dba)@[\w-]+/g, '@HOST')
    .replace(/SHA256:[\w+/]+/g, 'SHA256:KEY');
}

/** A terminal's answer to tmux (DA, xterm's ctlseqs) that comes after the person has left, so that the tty echoes it. */
const lateAnswer = /\^\[\[[>?][\d;]*c/g;

/** The lines as they stay on the terminal: of a redrawn line the last text. Full screens of programs become `(the session)`. */
export function spoken(raw: string): string {
  const outside = raw
    .replace(lateAnswer, '')
    .replace(/\u001b\[\?1049h[^]*?(?:\u001b\[\?1049l|$)/g, '\n(the session)\n');
  const rows = outside.split('\n').map(
    (row) =>
      row
        .replace(/\r+$/, '')
        .split(/\r|\u001b\[2K/)
        .at(-1) ?? '',
  );
  const text = rows.map((row) =>
    stripVTControlCharacters(row)
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
      .trimEnd(),
  );
  return `${text
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** Expects the text of tests/scenarios/NAME.txt; UPDATE_TRANSCRIPTS=1 writes that file. */
export function expectTranscript(name: string, text: string): void {
  const path = join(folder, `${name}.txt`);
  if (process.env['UPDATE_TRANSCRIPTS'] === '1' && !existsSync(dirname(path)))
    mkdirSync(dirname(path), { recursive: true });
  if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(path, text);
  expect(text).toBe(
    existsSync(path) ? readFileSync(path, 'utf8') : `(no ${name}.txt: run with UPDATE_TRANSCRIPTS=1 and read it)`,
  );
}
