// man(7) source: text escaped in one place, and the few macros that our pages use (groff_man(7), groff_char(7)).
//
// 1. Nothing in a text is a request: no line that we write begins with a control character of the text (`.` or `'`).
// 2. What is shown is what can be typed: `-` is a minus, and quotes, `^`, `~` and backticks stay ASCII. Left alone, groff sets
//    typographic characters in their place, and a copied command does not run.
// 3. Every sentence begins a line of the source, so that groff spaces all of them alike. A full stop at the end of a line that
//    ends no sentence says so (`\&`).

const width = 78;

const escapes: Readonly<Record<string, string>> = {
  ...{ '\\': '\\e', '-': '\\-', "'": '\\(aq', '"': '\\(dq' },
  ...{ '`': '\\(ga', '^': '\\(ha', '~': '\\(ti' },
};

const codePoint = (character: string): string =>
  `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** A text for one line of source, in which nothing is an escape or a request (rules 1 and 2). Control characters are left out. */
export function escape(text: string): string {
  const line = text
    .replace(/\s/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .replace(/[\\\-'"`^~]/g, (character) => escapes[character] ?? character)
    .replace(/[^\u0000-\u007f]/gu, codePoint);
  return guard(line);
}

const guard = (line: string): string => (/^[.']/.test(line) ? `\\&${line}` : line);

export const bold = (text: string): string => `\\fB${escape(text)}\\fR`;
export const italic = (text: string): string => `\\fI${escape(text)}\\fR`;

/** Text as the documents have it: `code` becomes bold, a link to a document its path. */
export function inline(text: string): string {
  return text
    .replace(/\[[^\]]*\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g, 'docs/$1')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? bold(part.slice(1, -1)) : withPages(part)))
    .join('');
}

/** Names of other pages are bold, as man(7) asks. */
const withPages = (prose: string): string =>
  prose
    .split(/\b([a-z][\w.-]*)(?=\(\d\))/)
    .map((part, index) => (index % 2 === 0 ? escape(part) : bold(part)))
    .join('');

/** What stands behind a command: options and words in bold, what is put in for them in italics. */
export function usage(text: string): string {
  return text
    .split(/(--?[a-z][a-z-]*|[A-Z]+|[a-z][a-z-]*)/)
    .map((part, index) => (index % 2 === 0 ? escape(part) : /^[A-Z]/.test(part) ? italic(part) : bold(part)))
    .join('');
}

/** A path, with what is another each time in italics. */
export const pathTag = (path: string): string =>
  path
    .split(/(\b[A-Z]+\b)/)
    .map((part, index) => (index % 2 === 0 ? bold(part) : italic(part)))
    .join('');

/** Lines of source, a sentence a line or more (rule 3). @param source roff without line breaks */
export function fill(source: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const words = source.split(' ').filter((word) => word !== '');
  for (const [index, word] of words.entries()) {
    line = line === '' ? guard(word) : `${line} ${word}`;
    const next = words[index + 1];
    const ends = endsSentence(word, next);
    if (next !== undefined && !ends && line.length + 1 + next.length <= width) continue;
    lines.push(!ends && /[.?!][)"]?$/.test(line) ? `${line}\\&` : line);
    line = '';
  }
  return lines;
}

function endsSentence(word: string, next: string | undefined): boolean {
  if (!/[^.][.?!](?:\)|\\fR)?$/.test(word)) return false;
  return next === undefined || /^(?:\\f[BI])?[A-Z"(]/.test(next) || next.startsWith('\\fB');
}

export const text = (...paragraph: readonly string[]): readonly string[] => fill(inline(paragraph.join(' ')));

export const paragraph = (...sentences: readonly string[]): readonly string[] => ['.PP', ...text(...sentences)];

/** @param tag roff */
export const tagged = (tag: string, ...sentences: readonly string[]): readonly string[] => [
  '.TP',
  guard(tag),
  ...text(...sentences),
];

/** Goes on below a tag, on a line of its own. */
export const below = (...sentences: readonly string[]): readonly string[] => ['.br', ...text(...sentences)];

export const section = (name: string): readonly string[] => [`.SH ${escape(name)}`];
export const subsection = (name: string): readonly string[] => [`.SS ${escape(name)}`];

/** What is typed or written in a file, line by line as it is. */
export const example = (...lines: readonly string[]): readonly string[] => [
  ...['.PP', '.RS 4', '.EX'],
  ...lines.map(escape),
  ...['.EE', '.RE'],
];

/** A phrase as a sentence. */
export function sentence(phrase: string): string {
  const [first = '', ...rest] = phrase;
  return `${first.toUpperCase()}${rest.join('')}${/[.?!]$/.test(phrase) ? '' : '.'}`;
}

export interface Page {
  readonly name: string;
  readonly section: 5 | 8;
  /** What `apropos` shows. */
  readonly about: string;
  readonly version: string;
  readonly body: readonly (readonly string[])[];
}

/** When the pages were last read from top to bottom. */
const read = '2026-11-29';

export function source({ name, section: number, about, version, body }: Page): string {
  return [
    '.\\" Made by scripts/man-pages.ts. Change it there.',
    `.TH ${escape(name.toUpperCase())} ${number} ${read} "tmux\\-gate ${escape(version)}" "tmux\\-gate"`,
    '.nh', // a copied command has no hyphen of ours in it
    '.ad l',
    ...section('NAME'),
    `${escape(name)} \\- ${escape(about)}`,
    ...body.flat().filter((line, index, all) => line !== '.PP' || !/^\.S[HS] /.test(all[index - 1] ?? '')),
    '',
  ].join('\n');
}
