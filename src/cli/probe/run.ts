// Runs attempts, each on connections of its own that are closed after it, and within a time limit.
import { dial, NoLine, offered, type Line, type Where } from '../../adapters/ssh/line.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatDuration } from '../../core/time.ts';
import { shown, unknown, type Attempt, type Saw } from './attempt.ts';
import { faultOf, Unprobed } from './fault.ts';

/** What the first connection shows of the server. */
export interface Seen {
  readonly server: string;
  readonly hostKey: string;
}

interface Given {
  readonly where: Where;
  readonly sockets: readonly string[];
  readonly timeoutMs: number;
}

/** Connects once, to see that anything can be tried. @throws Unprobed when it cannot */
export async function firstLook(where: Where): Promise<Seen> {
  try {
    using line = await dial(where);
    return { server: sanitizeLine(line.server, 80), hostKey: line.hostKey };
  } catch (error) {
    if (!(error instanceof NoLine)) throw error;
    throw new Unprobed(faultOf(error, where));
  }
}

/** Runs one attempt; an error or a timeout gives "unknown". Never rejects. */
export async function tryOne(attempt: Attempt, { where, sockets, timeoutMs }: Given): Promise<Saw> {
  const lines: Line[] = [];
  const call = {
    sockets,
    offered: async () => offered(where),
    dial: async () => {
      const line = await dial(where);
      lines.push(line);
      return line;
    },
  };
  let late: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Saw>((resolve) => {
    late = setTimeout(() => resolve(unknown(`no answer in ${formatDuration(timeoutMs)}`)), timeoutMs);
  });
  const outcome = attempt.run(call).catch((error: unknown) => unknown(shown(String(error))));
  const saw = await Promise.race([outcome, tooLong]);
  clearTimeout(late);
  for (const line of lines) line[Symbol.dispose]();
  return saw;
}
