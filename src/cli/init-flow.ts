// How people sign in (`sign_in.flow`): proposed by what the provider says of itself, decided by the admin.
import { askingProvider, flowIsCode, questions, withDefault } from '../core/messages/setup.ts';
import { missingAnswers } from '../core/messages/setup-faults.ts';
import type { Answers } from '../core/setup-rules/answers.ts';
import { flowAnswered, proposedFlow } from '../core/setup-rules/flow.ts';
import type { FlowPolicy } from '../core/sign-in-flow.ts';
import { SetupFault } from '../setup/fault.ts';
import { hasDeviceEndpoint } from '../setup/provider-look.ts';
import type { Screen } from './render.ts';
import { question } from './setup-screen.ts';

/**
 * The answers with a flow. What was given counts; else it is asked, or taken as proposed.
 * @param asks whether somebody is there to ask, and did not bring a file of answers: what such a file leaves out here is as the provider can
 * @throws SetupFault
 */
export async function withFlow(screen: Screen, answers: Answers, asks: boolean): Promise<Answers> {
  if (answers.signIn?.['flow'] !== undefined) return answers;
  screen.wait(askingProvider);
  const usual = proposedFlow(await hasDeviceEndpoint(answers));
  screen.calm();
  if (usual === 'code') screen.note([flowIsCode]);
  const flow = asks ? await asked(usual) : usual;
  // The policy's own default is not written down.
  return flow === 'device' ? answers : { ...answers, signIn: { ...answers.signIn, flow } };
}

async function asked(usual: FlowPolicy): Promise<FlowPolicy> {
  for (;;) {
    const said = await question(withDefault(questions.flow, usual));
    if (said === undefined) throw new SetupFault(missingAnswers(['--flow']));
    const flow = flowAnswered(said, usual);
    if (flow !== undefined) return flow;
  }
}
