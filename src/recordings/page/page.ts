// The page of a recording: one file of HTML that shows everything without a network.
//
// 1. The page may load nothing, and may run the two scripts that are in it and no other (Content-Security-Policy with their digests).
//    Attack: text in a recording, in a reason or in a name runs as a program of whoever looks at it, or tells somebody that they look.
// 2. What was recorded is in the page as base64 of compressed bytes, never as text of a script or of markup. Attack: `</script>` in the
//    output of a session ends the script.
// 3. Characters that change the direction of text are shown as what they are. Attack: a command is read in another order than it ran in.
// 4. Every other text is escaped, and control characters are replaced (core/text.ts).
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pageMessages } from '../../core/messages/page.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Fact, PageData } from './page-data.ts';

/** The programs and the style of the page. */
export interface PageAssets {
  /** Of the player. */
  readonly player: string;
  readonly playerStyle: string;
  /** Of the page itself. */
  readonly script: string;
  readonly style: string;
}

export interface PageParts {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly data: PageData;
}

const longest = 2000;

/** The whole page. */
export function pageOf({ title, facts, data }: PageParts, assets: PageAssets): string {
  const style = `${assets.playerStyle}\n${assets.style}`;
  const words = pageMessages;
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policyOf([assets.player, assets.script], style)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta name="referrer" content="no-referrer"><title>${escaped(title)}</title>`,
    `<style>${style}</style></head><body>`,
    `<header><h1>${escaped(title)}</h1><dl>${facts.map(factOf).join('')}</dl></header>`,
    `<main><section aria-label="${words.player}"><div id="player"></div></section>`,
    `<section aria-labelledby="timeline-title"><h2 id="timeline-title">${words.timeline}</h2><div id="timeline"></div></section>`,
    `<section aria-labelledby="text-title"><h2 id="text-title">${words.transcript}</h2>`,
    `<label for="search">${words.search}</label> <input id="search" type="search" autocomplete="off" spellcheck="false">`,
    `<p id="found" role="status"></p><ol id="rows"></ol></section></main>`,
    `<noscript><p>${words.noScript}</p></noscript>`,
    `<script type="application/octet-stream" id="data">${packed(data)}</script>`,
    `<script>${assets.player}</script><script>${assets.script}</script></body></html>`,
    '',
  ].join('\n');
}

/** Rule 1. The player's terminal is a program of WebAssembly inside of it. */
function policyOf(scripts: readonly string[], style: string): string {
  const digests = scripts.map(digestOf).join(' ');
  return `default-src 'none'; script-src 'wasm-unsafe-eval' ${digests}; style-src ${digestOf(style)}; base-uri 'none'; form-action 'none'`;
}

const digestOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Rule 2. */
function packed(data: PageData): string {
  const shown: PageData = {
    ...data,
    cast: visible(data.cast),
    rows: data.rows.map(({ at, text }) => ({ at, text: visible(text) })),
    markers: data.markers.map(({ at, text }) => ({ at, text: sanitizeLine(text, longest) })),
    lanes: data.lanes.map(({ person, typed }) => ({
      person: sanitizeLine(person, longest),
      typed: typed.map(({ at, text }) => ({ at, text: sanitizeLine(text, longest) })),
    })),
  };
  return gzipSync(JSON.stringify(shown)).toString('base64');
}

/** The characters of Unicode that change the direction (UAX #9, Bidi_Control), as they are or escaped in JSON. */
const direction = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\\u(?:061[cC]|200[eEfF]|202[a-eA-E]|206[6-9])/g;

/** Rule 3. */
const visible = (text: string): string => text.replace(direction, '\ufffd');

const factOf = ([name, value]: Fact): string =>
  `<div><dt>${escaped(name)}</dt><dd>${escaped(value === '' ? '-' : value)}</dd></div>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Rule 4. */
const escaped = (text: string): string =>
  sanitizeLine(text, longest).replace(/[&<>"']/g, (character) => entities[character] as string);
