// The conversation: knock at the keeper, show what it says, ask what it asks, until it refuses, is done, or says "go".
//
// 1. Nothing the keeper did not say opens anything: a lost, silent or unknown answer refuses (law 1).
// 2. Whatever ends the conversation ends the visit: the keeper sees the socket close and cancels what it had begun. But who waits for
//    an answer when the keeper ends knocks at the next one, with the same words, and is judged anew (come-back.ts).
import type { Go, Hello, ToGate } from '../wire/messages.ts';
import { comeBack } from './come-back.ts';
import { refuseAlone } from './screen.ts';
import { greet, type Visit } from './greet.ts';

export type Outcome = { readonly go: Go } | { readonly exit: number; readonly noFiles?: Refusal | undefined };

type Refusal = Extract<ToGate, { t: 'refuse' }>;

/** Holds the conversation to its end. */
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
  return alone(visit, 'KEEPER_DOWN');
}

function alone(visit: Visit, code: 'KEEPER_DOWN' | 'PROTOCOL'): Outcome {
  visit.dashboard.close();
  return { exit: refuseAlone(visit.screen, code, { host: visit.host }) };
}

function hear(visit: Visit, message: ToGate): Outcome | undefined {
  if (message.t !== 'board') visit.dashboard.close();
  if (message.t !== 'wait' && message.t !== 'board') visit.keyboard.rest();
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
    case 'board':
      visit.screen.calm();
      visit.dashboard.show(message);
      return undefined;
    case 'deadline':
    case 'input':
    case 'cut':
      return alone(visit, 'PROTOCOL');
  }
}

function answer(visit: Visit, { n, prompt, hide }: Extract<ToGate, { t: 'ask' }>): void {
  void visit.keyboard
    .line(() => visit.screen.prompt(prompt))
    .then((text) => {
      if (hide === true) visit.screen.eraseLine();
      visit.channel.send(text === undefined ? { t: 'cancel' } : { t: 'answer', n, text: text.slice(0, 4000) });
    });
}

function waitFor(visit: Visit, text: string, until: number | undefined): void {
  visit.keyboard.listen(() => visit.channel.send({ t: 'cancel' }));
  visit.screen.wait(text, until);
}
