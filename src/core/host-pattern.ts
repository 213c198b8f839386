// How people name several hosts: `web-01,web-02`, `web-[01-40]`, `web-*`, a label such as `role=web`; and the same back for a screen.
//
// 1. Only hosts that root named are found: a name that is written out must be one of them, and `*`, `?` and a label choose among them.
//    Accident: a name with a slip in it waits for a host that does not exist.
// 2. What a pattern spells out is limited before it is made. Attack: `x[0-999999999]` fills the memory.
/** The hosts that root named. */
export interface KnownHosts {
  readonly hosts: readonly string[];
  /** Label, such as `role=web`, to patterns of hosts. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** Why a pattern names no hosts. */
export interface PatternFault {
  readonly fault: 'form' | 'unknown' | 'none' | 'many';
  /** The part of the pattern, or the host. */
  readonly at: string;
}

/** The most hosts of one pattern. */
export const mostHosts = 256;
const mostCharacters = 400;
const item = /^[A-Za-z0-9_.*?[\],=-]+$/;
const range = /^([0-9]{1,9})-([0-9]{1,9})$/;

/** A label of hosts: `role=web`. */
export const labelForm = /^[a-z][a-z0-9_.-]{0,31}=[A-Za-z0-9_.-]{1,32}$/;

/** The hosts that a pattern names, each once, in the order in which it names them (rules 1 and 2). */
export function hostsOf(pattern: string, known: KnownHosts): { readonly hosts: readonly string[] } | PatternFault {
  if (pattern.length > mostCharacters || !item.test(pattern)) return { fault: 'form', at: pattern.slice(0, 64) };
  const found = new Set<string>();
  for (const part of partsOf(pattern)) {
    const named = namedBy(part, known);
    if ('fault' in named) return named;
    for (const host of named.hosts) found.add(host);
    if (found.size > mostHosts) return { fault: 'many', at: part };
  }
  return { hosts: [...found] };
}

/** The parts between the commas that are in no brackets. */
function partsOf(pattern: string): readonly string[] {
  return pattern.split(/,(?![^[\]]*\])/);
}

function namedBy(part: string, known: KnownHosts): { readonly hosts: readonly string[] } | PatternFault {
  if (part.includes('=')) return labelled(part, known);
  const spelled = spellOut(part);
  if (spelled === undefined) return { fault: 'form', at: part };
  if (spelled === 'many') return { fault: 'many', at: part };
  const hosts: string[] = [];
  for (const name of spelled) {
    const matching = /[*?]/.test(name)
      ? known.hosts.filter(matcher(name))
      : known.hosts.filter((host) => host === name);
    if (matching.length === 0) return { fault: /[*?]/.test(name) ? 'none' : 'unknown', at: name };
    hosts.push(...matching);
  }
  return { hosts };
}

/** A label's own patterns name no labels, so that this ends. */
function labelled(part: string, known: KnownHosts): { readonly hosts: readonly string[] } | PatternFault {
  const patterns = new Map(Object.entries(known.labels)).get(part) ?? [];
  if (patterns.length === 0) return { fault: 'none', at: part };
  return hostsOf(patterns.filter((pattern) => !pattern.includes('=')).join(','), known);
}

/** A name with its brackets spelled out; undefined when it cannot be read. */
function spellOut(part: string): readonly string[] | 'many' | undefined {
  const [, before, inside, after] = /^([^[\]]*)\[([^[\]]+)\]([^[\]]*)$/.exec(part) ?? [];
  if (before === undefined || inside === undefined || after === undefined)
    return part === '' || /[[\]]/.test(part) ? undefined : [part];
  const middles: string[] = [];
  for (const piece of inside.split(',')) {
    const numbers = numbersOf(piece);
    if (numbers === undefined || numbers === 'many') return numbers;
    middles.push(...numbers);
  }
  return middles.map((middle) => before + middle + after);
}

/** `01-40`, with as many digits as its first number has; or one number or word. */
function numbersOf(piece: string): readonly string[] | 'many' | undefined {
  const [, first, last] = range.exec(piece) ?? [];
  if (first === undefined || last === undefined) return /^[A-Za-z0-9_]+$/.test(piece) ? [piece] : undefined;
  const [from, to] = [Number(first), Number(last)];
  if (to < from) return undefined;
  if (to - from >= mostHosts) return 'many';
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at).padStart(first.length, '0'));
}

/** By `*` (any characters) and `?` (one): a comparison in linear time, not a regular expression that somebody else wrote. */
function matcher(glob: string): (name: string) => boolean {
  return (name) => {
    let [at, from, star, mark] = [0, 0, -1, 0];
    while (at < name.length) {
      if (from < glob.length && (glob[from] === '?' || glob[from] === name[at])) {
        at++;
        from++;
      } else if (glob[from] === '*') {
        star = from++;
        mark = at;
      } else if (star >= 0) {
        from = star + 1;
        at = ++mark;
      } else return false;
    }
    return glob.slice(from).replace(/\*+/, '') === '';
  };
}

/** Names of hosts in as few characters as `hostsOf` reads: `db-1,web-[01-03,07]`. */
export function foldHosts(names: readonly string[]): string {
  const families = new Map<string, { before: string; after: string; numbers: string[] }>();
  const plain: string[] = [];
  for (const name of [...new Set(names)].sort()) {
    const [, before, number, after] = /^(.*?)([0-9]{1,9})([^0-9]*)$/.exec(name) ?? [];
    if (before === undefined || number === undefined || after === undefined) plain.push(name);
    else {
      const key = JSON.stringify([before, number.length, after]);
      const family = families.get(key) ?? { before, after, numbers: [] };
      family.numbers.push(number);
      families.set(key, family);
    }
  }
  const folded = [...families.values()].map(({ before, after, numbers }) =>
    numbers.length === 1 ? `${before}${numbers.join('')}${after}` : `${before}[${runsOf(numbers)}]${after}`,
  );
  return [...plain, ...folded].sort().join(',');
}

/** Sorted numbers of one length, with each run as its ends. */
function runsOf(numbers: readonly string[]): string {
  const runs: [string, string][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && Number(number) === Number(last[1]) + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',');
}
