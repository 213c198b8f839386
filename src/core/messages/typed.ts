// Markers in a recording about what the person typed (`record: output+input`).

/** Why keys are not kept. */
export type NotKept = 'echo' | 'prompt' | 'unseen' | 'unknown';

const reasons: Readonly<Record<NotKept, string>> = {
  echo: 'echo off',
  prompt: 'secret prompt',
  unseen: 'typed ahead and not shown',
  unknown: 'the terminal could not be looked at',
};

export function keysNotKept(keys: number, why: NotKept): string {
  return `${keys} ${keys === 1 ? 'key' : 'keys'} not kept: ${reasons[why]}`;
}

export function pasted(characters: number): string {
  return `pasted ${characters} ${characters === 1 ? 'character' : 'characters'}`;
}
