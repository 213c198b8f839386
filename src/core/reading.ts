// What is done with a recording by whoever reads it.

/** As the journal's event `recording-read` has it. */
export const readings = ['replay', 'follow', 'text', 'find', 'export', 'evidence'] as const;

export type Reading = (typeof readings)[number];
