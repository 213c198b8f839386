/** The endings of a recording's file, in the order in which they are looked for. */
export const endings = { encrypted: '.cast.zst.age', sealed: '.cast.zst', plain: '.cast' } as const;
/** Screens of a recording that a replay has kept beside it, in plain: they go when it is purged or sealed. */
export const keptScreens = '.keyframes';
export type FileKind = keyof typeof endings;
