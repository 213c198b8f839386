// Reads /proc/PID/stat (proc_pid_stat(5)).
//
// 1. The fields after the name are read from the last ')' on. Attack: a process sets a name with parentheses and newlines, to forge them.

export interface ProcessStat {
  /** The name that the process gave itself: hostile text, at most 15 bytes. */
  readonly comm: string;
  readonly state: string;
  readonly parent: number;
  /** Clock ticks since boot (field 22). */
  readonly startTime: number;
  /** The device number of its controlling terminal (field 7); 0 for none. */
  readonly terminal: number;
}

/** Parses the text of /proc/PID/stat; undefined when it does not have the form. */
export function parseStat(text: string): ProcessStat | undefined {
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  if (open < 0 || close < open) return undefined;
  const [state, ...fields] = text.slice(close + 2).split(' ') as [string, ...string[]];
  const [parent, startTime] = [Number(fields[0]), Number(fields[18])];
  if (!Number.isSafeInteger(parent) || !Number.isSafeInteger(startTime)) return undefined;
  const terminal = Number(fields[3]) || 0;
  return { comm: text.slice(open + 1, close), state, parent, startTime, terminal };
}
