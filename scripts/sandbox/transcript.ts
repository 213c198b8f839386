// The growing output of a program, and waiting for a pattern in it.
import { stripVTControlCharacters } from 'node:util';

interface Wait {
  readonly check: () => void;
  readonly end: () => void;
}

/** The first match of a pattern from an index on. */
function find(text: string, pattern: string | RegExp, from: number): RegExpExecArray | undefined {
  const source = typeof pattern === 'string' ? pattern.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&') : pattern.source;
  const flags = typeof pattern === 'string' ? '' : pattern.flags.replace(/[gy]/g, '');
  const search = new RegExp(source, `g${flags}`);
  search.lastIndex = from;
  return search.exec(text) ?? undefined;
}

export class Transcript {
  text = '';
  #seen = 0;
  #ended = false;
  readonly #waits = new Set<Wait>();

  append(text: string): void {
    this.text += text;
    for (const { check } of [...this.#waits]) check();
  }

  end(): void {
    this.#ended = true;
    for (const { end } of [...this.#waits]) end();
  }

  /** Waits for a pattern after the last match. @throws Error after `timeoutMs`, or when the output has ended */
  until(pattern: string | RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#waits.delete(wait);
        finish();
      };
      const fail = (why: string) => settle(() => reject(new Error(this.#missing(pattern, why))));
      const check = () => {
        const match = find(this.text, pattern, this.#seen);
        if (match === undefined) return;
        this.#seen = match.index + match[0].length;
        settle(() => resolve(match));
      };
      const wait: Wait = { check, end: () => fail('the output ended') };
      const timer = setTimeout(() => fail(`nothing for ${timeoutMs} ms`), timeoutMs);
      this.#waits.add(wait);
      check();
      if (this.#ended && this.#waits.has(wait)) wait.end();
    });
  }

  #missing(pattern: string | RegExp, why: string): string {
    const rest = stripVTControlCharacters(this.text.slice(this.#seen)).slice(-2000);
    return `waited for ${String(pattern)}; ${why}. Output since the last match:\n${rest}`;
  }
}
