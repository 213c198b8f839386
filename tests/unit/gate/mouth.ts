// Somewhere for the gate's voice to speak, and what it said there.
import type { Output } from '../../../src/gate/screen.ts';

export interface Heard extends Output {
  readonly said: { stdout: string; stderr: string };
}

export function mouthOf(tty: boolean, columns?: number): Heard {
  const said = { stdout: '', stderr: '' };
  return {
    style: { colour: false, utf8: false, columns },
    tty,
    now: () => Date.now(),
    write: (to, text) => {
      said[to] += text;
    },
    said,
  };
}
