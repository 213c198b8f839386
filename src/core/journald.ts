// An entry of the log as journald takes it: a line for each field (systemd.io, "Native Journal Protocol"), so that
// `journalctl TMUX_GATE_EVENT=provider-down` finds it.
//
// 1. No value has a newline: an entry of the log is one line of ASCII (adapters/log.ts, rule 1), and so is each of its fields here. Attack: a
//    login name that adds a field of its own to the entry.
// 2. A field's name is made of capitals, digits and underscores, and begins with TMUX_GATE_. Attack: a field that passes for one that
//    journald itself would write (_UID), or changes the entry's priority.
import { asciiJson } from './text.ts';

/** As syslog(3) has them. */
const priorities: Readonly<Partial<Record<string, number>>> = { error: 3, warn: 4, info: 6 };
const nameLimit = 64;
const prefix = 'TMUX_GATE_';

/**
 * The entry of a line of the log.
 * @param line one JSON object, as adapters/log.ts writes it. The message of the entry is that line, for `journalctl -o cat | jq`.
 */
export function journaldEntry(line: string): string {
  const { level, ...fields } = fieldsOf(line);
  const own = Object.entries(fields).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? oneLine(value) : asciiJson(value ?? null);
    return /^[a-z]/i.test(name) ? [`${prefix}${nameOf(name)}=${text}`.replaceAll('\n', ' ')] : [];
  });
  const priority = priorities[String(level)] ?? 6;
  return [`MESSAGE=${oneLine(line)}`, `PRIORITY=${priority}`, 'SYSLOG_IDENTIFIER=tmux-gate', ...own, ''].join('\n');
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ').trim();

/** `longestTurnMs` becomes LONGEST_TURN_MS (rule 2). */
function nameOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
  return words.replace(/[^A-Z0-9_]/g, '_').slice(0, nameLimit - prefix.length);
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
