// What a person reads stands in one catalogue, src/core/messages and the tables of refusals, so that it is written and reviewed as one text.
//
// Tables of their own, where text and code are one row: the checks of the doctor (src/doctor), what the probe tries (src/cli/probe), the
// verbs and who may use them (src/wire/verbs.ts, src/keeper/dispatch.ts), and the options of the host's commands (src/cli/commands).
//
// 1. A sentence is two words in small letters with a space between. Causes of refusals, errors and what is logged are for the log alone.
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { sources } from './sources.ts';

const held = [
  'src/gate/**/*.ts',
  'src/keeper/!(dispatch).ts',
  'src/keeper/*/**/*.ts',
  'src/wire/{dashboard-*,grammar,help,mistyped,plain,screen-text,to-type}.ts',
  'src/core/{auto-approve,chain,deadline,extension,lock,notice,on-call,shift,terms}.ts',
  'src/adapters/{notices/*,journal/verify}.ts',
  'src/setup/!(boot-guard).ts',
  'src/cli/!(options).ts',
  'src/cli/probe/{credentials,passphrase,table}.ts',
];

const words = /(?:^|[^A-Za-z0-9'-])[A-Za-z]?[a-z']+,? [a-z']{2,}/;

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}

/** Rule 1. */
function isForTheLog(node: ts.Node): boolean {
  for (let at = node; !ts.isStatement(at); at = at.parent) {
    const { parent } = at;
    if (ts.isNewExpression(parent) && isExempt(parent, at)) return true;
    if (ts.isCallExpression(parent) && /(?:^|\.)log(?:\.|\[)/.test(parent.expression.getText())) return true;
  }
  return false;
}

function isExempt(
  { expression, arguments: given = [] as unknown as ts.NodeArray<ts.Expression> }: ts.NewExpression,
  at: ts.Node,
): boolean {
  const name = expression.getText();
  return name === 'Refused' ? given[2] === at : /(?:Error|Failed)$/.test(name);
}

function sentences(file: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const see = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== undefined && words.test(text) && !isForTheLog(node)) found.push(text);
    ts.forEachChild(node, see);
  };
  see(file);
  return found;
}

const parsed = (text: string): ts.SourceFile => ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);

describe('a sentence', () => {
  test.each([
    ["say('Nobody is attached.')", true],
    ['say(`  Approved by ${who}, and by nobody else`)', true],
    ["new Refused('BUSY', { problem: 'name one of them' })", true],
    ["new Refused('BUSY', {}, 'the gate is gone')", false],
    ["throw new Error('root was not dropped')", false],
    ["deps.log.warn('link-not-issued', { why: 'too many wait' })", false],
    ["run('tmux -V', 'on-call', 'ab')", false],
  ])('%s: %s', (code, isOne) => {
    expect(sentences(parsed(code))).toHaveLength(isOne ? 1 : 0);
  });
});

test('what a person reads is in the catalogue', () => {
  const wrong = held.flatMap((pattern) =>
    sources(pattern).flatMap(({ path, file }) => sentences(file).map((text) => `${path}: ${text}`)),
  );
  expect(wrong).toEqual([]);
});
