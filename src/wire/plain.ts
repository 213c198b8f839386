// How plain a person wants their screen.
//
// - `TERM=dumb`, `TMUX_GATE_PLAIN` or `--plain`: nothing is drawn over and nothing is painted. A screen reader would read each frame.
// - `NO_COLOR`, set and not empty: no colour (no-color.org).

export interface Plainness {
  readonly plain: boolean;
  readonly colour: boolean;
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
const reason = /\s--reason(?:\s|=|$)[^]*/;
const plainFlag = /(?:^|\s)--plain(?=\s|$)/;

/** @param command as it was typed: `--plain` stands before a reason. */
export function plainnessOf(env: NodeJS.ProcessEnv, command: string): Plainness {
  const head = ` ${command}`.replace(reason, '');
  const plain = env['TERM'] === 'dumb' || isSet(env['TMUX_GATE_PLAIN']) || plainFlag.test(head);
  return { plain, colour: !plain && !isSet(env['NO_COLOR']) };
}
