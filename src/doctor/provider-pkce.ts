// Checks whether the provider offers the authorization code flow with PKCE, where `sign_in.flow` lets people use it.
import type { FlowPolicy } from '../core/sign-in-flow.ts';
import { fail, ok, warn, type Finding } from './check.ts';
import { urlIn, wordsIn, type Metadata } from './provider-facts.ts';

type Document = Metadata['document'];

/** The finding for a flow that the policy does not use. */
export const notUsed = (flow: FlowPolicy): Finding => ok(`not used (sign_in.flow: ${flow})`);

/** Whether the document offers the code flow with PKCE (RFC 8414 section 2 has the defaults), where people use it. */
export function pkceFinding(document: Document, flow: FlowPolicy): Finding {
  if (flow === 'device') return notUsed(flow);
  const remedy = 'allow the client of the policy the authorization code flow; or write sign_in.flow: device';
  if (urlIn(document, 'authorization_endpoint') === undefined)
    return fail('the provider has no authorization_endpoint, so nobody can sign in by a link', remedy);
  if (wordsIn(document, 'response_types_supported')?.includes('code') === false)
    return fail('the provider does not offer the code flow (response_types_supported)', remedy);
  if (wordsIn(document, 'grant_types_supported')?.includes('authorization_code') === false)
    return fail('the provider does not offer the code flow (grant_types_supported)', remedy);
  return methodFinding(wordsIn(document, 'code_challenge_methods_supported'));
}

function methodFinding(methods: readonly string[] | undefined): Finding {
  const remedy = 'let the provider check PKCE by S256 for the client of the policy';
  if (methods === undefined)
    return warn('the provider does not say that it checks PKCE (code_challenge_methods_supported)', remedy);
  return methods.includes('S256')
    ? ok('the code flow is offered, with PKCE (S256)')
    : fail('the provider does not offer PKCE by S256 (code_challenge_methods_supported), so links are refused', remedy);
}
