// Whether a person wants a plain screen.
//
// - `TERM=dumb`, `TMUX_GATE_PLAIN` or `--plain`: no line is redrawn, no colour. A screen reader would read each frame aloud.
// - `NO_COLOR`, set and not empty: no colour (no-color.org).

/** `plain`: no redrawn lines, no colour, no QR code. */
export interface Plainness {
  readonly plain: boolean;
  readonly colour: boolean;
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
const reason = /\s--reason(?:\s|=|$)[^]*/;
const plainFlag = /(?:^|\s)--plain(?=\s|$)/;

/** Reads it from environment and command. @param command as it was typed; `--plain` is a flag only before `--reason` */
export function plainnessOf(env: NodeJS.ProcessEnv, command: string): Plainness {
  const head = ` ${command}`.replace(reason, '');
  const plain = env['TERM'] === 'dumb' || isSet(env['TMUX_GATE_PLAIN']) || plainFlag.test(head);
  return { plain, colour: !plain && !isSet(env['NO_COLOR']) };
}
