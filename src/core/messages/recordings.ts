// Messages of those who read recordings: the list, replay, export.

export const readWhat = (kinds: readonly string[]): string => `Say what is read: ${kinds.join(', ')}`;
export const notAnId = (word: string): string => `Not an id: "${word.slice(0, 40)}"`;
