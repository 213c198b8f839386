// Reads YAML as plain values, with the line of each.
//
// 1. What could be read in two ways is refused: a duplicate key, a tag (`!!js/function`, `!!binary`), a %YAML directive (1.1 reads `yes`
//    and `0777` as something else), a key that is not text, `__proto__`, a second document. Accident: a policy that means something
//    else than it seems to.
// 2. Reading ends: the size is limited before parsing, aliases before they expand, and nesting that is too deep is a problem like any
//    other. Attack: "billion laughs".
// 3. The parser's messages are replaced by our own, since they quote the file. Accident: a secret in a log.
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type ErrorCode,
  type Node,
  type YAMLMap,
} from 'yaml';
import { quote, type Finding, type Path } from './problem.ts';

/** The largest policy, in bytes of UTF-8. */
export const maxConfigBytes = 256 * 1024;
const maxAliases = 50;
/** Aliases in the file, however little they expand to, since resolving each takes time. */
const mostAliases = 200;

/** A file that was read: its value, and what is wrong with it. */
export interface Source {
  /** Undefined when the text cannot be read as YAML. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** The 1-based line of a path, or of the nearest parent that exists. */
  lineOf(path: Path): number | undefined;
}

const sentences: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'The indentation is wrong here or a bracket is not closed; keys of one mapping start in the same column.',
  TAB_AS_INDENT: 'A tab indents this line; YAML allows spaces only.',
  MISSING_CHAR: 'A character is missing here; look for an unclosed quote, bracket or brace, or a missing colon.',
  MULTIPLE_DOCS: 'A second document starts here; the file holds one, so remove the line ---.',
  MULTIPLE_ANCHORS: 'There are two anchors here; keep one.',
  NON_STRING_KEY: 'This key is not text; keys are plain words.',
  BAD_DQ_ESCAPE: 'An escape in double quotes is unknown; single quotes take a backslash as it is.',
};

/** Reads YAML 1.2. Never throws; what is wrong is in `findings`. */
export function readYaml(text: string): Source {
  if (Buffer.byteLength(text) > maxConfigBytes) return refused('The file is larger than 256 KiB.');
  try {
    return readDocument(text);
  } catch {
    return refused('The file cannot be read as YAML: it nests too deeply or its aliases expand without end.');
  }
}

function refused(problem: string): Source {
  return { value: undefined, findings: [{ path: [], problem }], lineOf: () => undefined };
}

function readDocument(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const findings = [...syntax(document, lines), ...oddities(document, lines)];
  const readable = findings.length === 0 || document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  const lineOf = (path: Path): number | undefined => lineAt(document, path, lines);
  if (!readable || findings.some(({ problem }) => problem === noAnchor || problem === manyAliases))
    return { value: undefined, findings, lineOf };
  return { value: document.toJS({ maxAliasCount: maxAliases }) as unknown, findings, lineOf };
}

function syntax(document: Document.Parsed, lines: LineCounter): Finding[] {
  const keys = keyPaths(document);
  return document.errors.map(({ code, pos }) => {
    const line = lines.linePos(pos[0]).line;
    const path = keys.get(pos[0]) ?? [];
    if (code === 'DUPLICATE_KEY') return { path, problem: 'This key appears twice; keep one of them.', line };
    return { path, problem: sentences[code] ?? 'This is not valid YAML.', line };
  });
}

/** The path of each key by its offset in the text. */
function keyPaths(document: Document.Parsed): ReadonlyMap<number, Path> {
  const found = new Map<number, Path>();
  visit(document, {
    Pair: (_, pair, ancestors) => {
      if (isNode(pair.key) && pair.key.range) found.set(pair.key.range[0], pathOf([...ancestors, pair]));
    },
  });
  return found;
}

/** The path of the last node of a chain, in which each node is inside the one before. */
function pathOf(chain: readonly unknown[]): Path {
  return chain.flatMap((node, index): Path => {
    if (isPair(node)) return isScalar(node.key) ? [String(node.key.value)] : [];
    const next = chain[index + 1];
    return isSeq(node) && next !== undefined ? [node.items.indexOf(next)] : [];
  });
}

const manyAliases = `There are more than ${mostAliases} aliases; write the values out, or fewer of them.`;
const noAnchor = 'This alias names no anchor that stands above it.';

/** Finds valid YAML that is refused (rules 1 and 2). */
function oddities(document: Document.Parsed, lines: LineCounter): Finding[] {
  const found: Finding[] = [];
  const report = (path: Path, node: Node | null, problem: string): void => {
    found.push({ path, problem, ...(node?.range ? { line: lines.linePos(node.range[0]).line } : {}) });
  };
  let aliases = 0;
  // Anchors in the order of the text. The document's own lookup walks all of it for each alias (rule 2).
  const anchors = new Set<string>();
  if (document.directives.yaml.explicit === true) report([], null, 'Remove the %YAML directive; the file is YAML 1.2.');
  visit(document, {
    Node: (key, node, ancestors) => {
      // Only made for a report: in a long list, each takes a search of the list.
      const path = (): Path => pathOf([...ancestors, node]);
      if (isAlias(node)) {
        if (!anchors.has(node.source)) report(path(), node, noAnchor);
        aliases += 1;
        if (aliases > mostAliases) return (report(path(), node, manyAliases), visit.BREAK);
      } else if (node.anchor !== undefined) anchors.add(node.anchor);
      if (node.tag !== undefined)
        report(path(), node, `The tag ${quote(node.tag)} is not allowed; write a plain value.`);
      if (key === 'key' && isScalar(node) && node.value === '__proto__')
        report(path(), node, 'This key is not allowed.');
      return undefined;
    },
  });
  return found;
}

/** The line of the deepest node of `path` that exists. */
function lineAt(document: Document.Parsed, path: Path, lines: LineCounter): number | undefined {
  let node: unknown = document.contents;
  let at: number | undefined;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const [start, next] = stepInto(node, step);
    if (start === undefined) break;
    [at, node] = [start, next];
  }
  return at === undefined ? undefined : lines.linePos(at).line;
}

/** The offset at which the entry `step` starts, and its value. */
function stepInto(node: unknown, step: string | number): [number | undefined, unknown] {
  if (isMap(node)) return entryOf(node, step);
  if (!isSeq(node) || typeof step !== 'number') return [undefined, undefined];
  const item = node.items[step];
  return [isNode(item) ? item.range?.[0] : undefined, item];
}

function entryOf(map: YAMLMap, key: string | number): [number | undefined, unknown] {
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  return [pair !== undefined && isScalar(pair.key) ? pair.key.range?.[0] : undefined, pair?.value];
}
