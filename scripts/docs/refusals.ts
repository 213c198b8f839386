// The text of docs/refusals.md, from src/core/refusals*.ts.
import { codeFlowRefusals } from '../../src/core/refusals-code-flow.ts';
import { conversationRefusals } from '../../src/core/refusals-conversation.ts';
import { emergencyRefusals } from '../../src/core/refusals-emergency.ts';
import { followRefusals } from '../../src/core/refusals-follow.ts';
import { gateRefusals } from '../../src/core/refusals-gate.ts';
import { hostRefusals } from '../../src/core/refusals-host.ts';
import { identityRefusals } from '../../src/core/refusals-identity.ts';
import { requestRefusals } from '../../src/core/refusals-request.ts';
import { reviewRefusals } from '../../src/core/refusals-review.ts';
import type { ExplainedRefusal } from '../../src/core/refusal-text.ts';
import { refusal } from '../../src/core/refusal.ts';
import { refusalLines, type Style } from '../../src/wire/screen-text.ts';
import { table } from './document.ts';
import { gateMeanings } from './refusal-meanings.ts';

const gate = Object.fromEntries(
  Object.entries(gateMeanings).map(([code, means]) => [
    code,
    { ...gateRefusals[code as keyof typeof gateMeanings], means },
  ]),
);

/** By the title of their section. */
export const refusalSections: Readonly<Record<string, Readonly<Record<string, ExplainedRefusal>>>> = {
  'From the gate itself': gate,
  'Command, terminal and login': conversationRefusals,
  'Sign-in': identityRefusals,
  'Sign-in by a link': codeFlowRefusals,
  'Asking for access': requestRefusals,
  'Reviews and grants': reviewRefusals,
  'Following a live connection': followRefusals,
  'The host': hostRefusals,
  'Locks and break-glass': emergencyRefusals,
};

const plain: Style = { colour: false, utf8: false };
const example = refusal('NOT_A_VERB', { word: 'cat', host: 'prod-box' });

const head = `<!-- Made by scripts/refusals-doc.ts from src/core/refusals*.ts. Change it there. -->

# Refusals

A refusal is a sentence, its code in brackets, and a hint:

\`\`\`
${refusalLines(plain, example.code, example.say, example.hint).join('\n')}
\`\`\`

- A code never changes its meaning. Programs may rely on it; the sentences may be worded anew.
- The exit code is that of \`ssh\`, and of \`tmux-gate VERB\` on the host. The exit codes are those of sysexits(3); 130 is a cancel.
- Words in capitals stand for what is named in that case. On the host, hints say \`tmux-gate VERB\` in place of \`ssh HOST VERB\`.
- The keeper journals each refusal that it makes as \`refused\`, with its code. The cause is in the log (\`journalctl -u tmux-gate\`) and is
  not shown to the person.
- \`scp\` of one file (OpenSSH 9) shows \`Operation unsupported\` and nothing else, whatever it is answered. \`sftp\`, \`scp -r\` to here and
  \`scp -O\` show the sentence (\`NO_FILES\`), and so does the journal.

`;

const named = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());

export function refusalsDocument(): string {
  const parts = Object.entries(refusalSections).map(([title, entries]) => {
    const rows = Object.entries(entries).map(([code, { exit, say, hint, means }]) => {
      return [`\`${code}\``, String(exit), named(say), named(hint), means];
    });
    return `## ${title}\n\n${table(['code', 'exit', 'the person reads', 'hint', 'what it means'], rows)}`;
  });
  return head + parts.join('\n');
}
