// The conversation before "go": the gate sends the client claims, shows what the keeper says and asks the person what the keeper asks,
// until the keeper refuses, is done, or says "go".
//
// 1. Only the keeper's "go" lets anybody in. A closed socket, a timeout or an unknown message refuses (law 1).
// 2. The end of the conversation ends the visit: the keeper sees the socket close and cancels what it had begun. One exception: a gate
//    that waits for the answer to a request when the keeper ends connects to the next keeper, which makes all checks again
//    (come-back.ts).
import type { Go, Hello, ToGate } from '../wire/messages.ts';
import { pasteLimit } from '../wire/paste.ts';
import { comeBack } from './come-back.ts';
import { refuseAlone } from './screen.ts';
import { greet, type Visit } from './greet.ts';

/** How a conversation ended: "go", or an exit code. `noFiles` is the refusal of a file transfer, which sftp clients are told again. */
export type Outcome = { readonly go: Go } | { readonly exit: number; readonly noFiles?: Refusal | undefined };

type Refusal = Extract<ToGate, { t: 'refuse' }>;

/** Runs the conversation to its end. It never rejects: without a usable keeper it shows a refusal of the gate's own. */
export async function converse(visit: Visit, hello: Hello): Promise<Outcome> {
  let message = await greet(visit, hello);
  while (message !== undefined) {
    const outcome = hear(visit, message);
    if (outcome !== undefined) {
      visit.keyboard.drop();
      return outcome;
    }
    message = (await visit.channel.next()) ?? (await comeBack(visit, hello));
  }
  return alone(visit, visit.picture.isOpen ? 'KEEPER_GONE' : 'KEEPER_DOWN');
}

function alone(visit: Visit, code: 'KEEPER_DOWN' | 'KEEPER_GONE' | 'PROTOCOL'): Outcome {
  visit.dashboard.close();
  visit.picture.close();
  return { exit: refuseAlone(visit.screen, code, { host: visit.host }) };
}

/** After these, keys mean what they meant before. */
const keepsKeys: ReadonlySet<ToGate['t']> = new Set(['wait', 'dashboard', 'picture']);

/** Does what a message says. @returns the outcome, if the message ends the conversation */
function hear(visit: Visit, message: ToGate): Outcome | undefined {
  if (message.t !== 'dashboard') visit.dashboard.close();
  if (message.t !== 'picture') visit.picture.close();
  if (!keepsKeys.has(message.t)) visit.keyboard.rest();
  switch (message.t) {
    case 'say':
      visit.screen[message.to](message.lines);
      return undefined;
    case 'ask':
      visit.waits = undefined;
      answer(visit, message);
      return undefined;
    case 'wait':
      visit.waits = message.request;
      waitFor(visit, message.text, message.until);
      return undefined;
    case 'calm':
      visit.screen.calm();
      return undefined;
    case 'bell':
      visit.screen.bell();
      return undefined;
    case 'refuse':
      visit.screen.refuse(message.code, message.say, message.hint);
      return { exit: message.exit, noFiles: message.code === 'NO_FILES' ? message : undefined };
    case 'done':
      visit.screen.calm();
      return { exit: message.exit };
    case 'go':
      visit.screen.calm();
      return { go: message };
    case 'dashboard':
      visit.screen.calm();
      visit.dashboard.show(message);
      return undefined;
    case 'picture':
      visit.screen.calm();
      visit.picture.show(message.text);
      return undefined;
    case 'deadline':
    case 'input':
    case 'looked':
    case 'cut':
      return alone(visit, 'PROTOCOL');
  }
}

function answer(visit: Visit, { n, prompt, hide, kind }: Extract<ToGate, { t: 'ask' }>): void {
  const most = kind === 'paste' ? pasteLimit : 4000;
  void visit.keyboard
    .line(() => visit.screen.prompt(prompt), kind)
    .then((text) => {
      if (hide === true) visit.screen.eraseLine();
      visit.channel.send(text === undefined ? { t: 'cancel' } : { t: 'answer', n, text: text.slice(0, most) });
    });
}

function waitFor(visit: Visit, text: string, until: number | undefined): void {
  visit.keyboard.listen(() => visit.channel.send({ t: 'cancel' }));
  visit.screen.wait(text, until);
}
