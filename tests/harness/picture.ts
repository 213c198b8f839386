// Pictures of real screens, as SVG for the documents: drawn from what a terminal got, and compared with what it gets today.
import { expect } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Run } from '../../scripts/sandbox/runs.ts';
import { normalise } from './screenplay.ts';

const folder = join(import.meta.dirname, '../../docs/images');
const [columns, cellWidth, cellHeight, margin, bar] = [80, 8.4, 18, 16, 30];
const [ink, paper] = ['#d8dee9', '#1e222a'];
const palette = ['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'];
const bright = ['#7f8896', '#ff7b85', '#b5e890', '#ffd68a', '#82c4ff', '#e09bf5', '#7fdbe6', '#ffffff'];

const colourOf = (index: number | undefined, none: string): string =>
  index === undefined ? none : ([...palette, ...bright][index] ?? none);

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function drawRun({ at, text, bold, dim, inverse, colour, background }: Run, row: number): string {
  const [front, back] = [colourOf(colour, ink), colourOf(background, paper)];
  const [fill, behind] = inverse ? [back, front] : [front, back];
  const [x, top] = [margin + at * cellWidth, bar + margin / 2 + row * cellHeight];
  const width = (text.length * cellWidth).toFixed(1);
  const rect = `<rect x="${x.toFixed(1)}" y="${top}" width="${width}" height="${cellHeight}" fill="${behind}"/>`;
  const style = `${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
  const words = `<text x="${x.toFixed(1)}" y="${top + 13}" textLength="${width}" fill="${fill}"${style} xml:space="preserve">${xml(text)}</text>`;
  return `${behind === paper ? '' : `${rect}\n`}${text.trim() === '' ? '' : `${words}\n`}`;
}

/** In the place of names of this sandbox those of the documents; a column keeps its width. */
function plainNames(text: string, host: Host): string {
  const more = host.prefix.length + 1;
  return text
    .replaceAll(host.layout.sessionAccount, 'dba')
    .replaceAll(`@${hostname()}:`, '@prod-box:')
    .replace(
      new RegExp(`\\b${host.prefix}-(\\w+)( {2,})`, 'g'),
      (_, name: string, gap: string) => `${name}${gap}${' '.repeat(more)}`,
    )
    .replaceAll(`${host.prefix}-`, '');
}

function svgOf(rows: readonly (readonly Run[])[], title: string, host: Host): string {
  const [width, height] = [columns * cellWidth + 2 * margin, bar + margin + rows.length * cellHeight];
  const drawn = rows.flatMap((runs, row) =>
    runs.map((run) => drawRun({ ...run, text: plainNames(run.text, host).trimEnd() }, row)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${xml(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${paper}" stroke="#7f8896"/>
<circle cx="18" cy="16" r="5" fill="#e06c75"/><circle cx="36" cy="16" r="5" fill="#e5c07b"/><circle cx="54" cy="16" r="5" fill="#98c379"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">
<text x="${width / 2}" y="20" text-anchor="middle" fill="#9aa3b2">${xml(title)}</text>
${drawn.join('')}</g>
</svg>
`;
}

/** The words of a picture, with what is another each time named instead. */
function wordsIn(svg: string, host: Host): string {
  const texts = [...svg.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]*>(.*)<\/text>/g)];
  const rows = new Map<string, string>();
  for (const [, , y = '', text = ''] of texts) rows.set(y, `${rows.get(y) ?? ''} ${text}`.trim());
  return normalise([...rows.values()].join('\n'), host)
    .replace(/\b(?:\d+m )?\d+s\b|\b\d+m\b|\d\d:\d\d(?::\d\d)?/g, 'TIME')
    .replace(/\b(?=[0-9A-Z]*\d)[0-9A-HJKMNP-TV-Z]{6,10}\b/g, 'ID')
    .replace(/[\u2800-\u28ff] ?/g, '')
    .replace(/ +/g, ' ')
    .replace(/^ /gm, '')
    .replace(/^[0-9A-HJKMNP-TV-Z]{6}(?= )/gm, 'ID');
}

/** Compares the words with those of docs/images/NAME.svg; UPDATE_PICTURES=1 draws it anew. */
export function expectPicture(name: string, title: string, rows: readonly (readonly Run[])[], host: Host): void {
  const path = join(folder, `${name}.svg`);
  const svg = svgOf(rows, title, host);
  if (process.env['UPDATE_PICTURES'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, svg);
  }
  expect(wordsIn(svg, host)).toBe(existsSync(path) ? wordsIn(readFileSync(path, 'utf8'), host) : `(no ${name}.svg)`);
}
