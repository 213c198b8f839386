// The TypeScript sources, and what each imports: read from their syntax, not from what a linter is told.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export const top = join(import.meta.dirname, '../..');

export interface Import {
  /** The specifier as written, or the path from the project's top for a file of ours. */
  readonly of: string;
  readonly type: boolean;
  /** Loaded when it is reached, by `import()`. */
  readonly lazy: boolean;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly file: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** @param pattern a glob from the project's top. */
export function sources(pattern: string): readonly Source[] {
  return globSync(pattern, { cwd: top }).sort().map(read);
}

function read(path: string): Source {
  const text = readFileSync(join(top, path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, file, imports: importsOf(path, file) };
}

function importsOf(path: string, file: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, type: boolean, lazy: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    const of = text.startsWith('.') ? normalize(join(dirname(path), text)).replace(/\.js$/, '.ts') : text;
    found.push({ of, type, lazy });
  };
  walk(file, (node) => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword, false);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, false);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true);
  });
  return found;
}

export function walk(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => walk(child, see));
}

/** `src/keeper/visit/ask.ts` lies in the room `keeper`. */
export function roomOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
}
