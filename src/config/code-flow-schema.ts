// The keys of the policy for sign-ins by the authorization code flow.
import * as z from 'zod';
import { flows } from '../core/sign-in-flow.ts';
import { bare, words } from './fields.ts';
import { quote } from './problem.ts';

/** Loopback addresses, where nothing but the person's own computer gets the code (RFC 8252 section 7.3). */
const loopback: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

function redirectProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'This is not an address; write one such as http://127.0.0.1:8400/.';
  const url = new URL(text);
  const isPlain = url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!isPlain) return 'An address to end on has no user, password, ? or #; leave them out.';
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && loopback.includes(url.hostname));
  if (!isSafe)
    return 'The code would be sent over the network in clear; write http://127.0.0.1:8400/ or an https address.';
  return url.href === text
    ? undefined
    : `Write it as browsers do: ${quote(url.href)}; register the same at the provider.`;
}

export const redirectUriSchema = z
  .string()
  .max(512, 'This address is longer than 512 characters; shorten it.')
  .superRefine((text, context) => {
    const problem = redirectProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .prefault('http://127.0.0.1:8400/')
  .meta({
    description:
      'Where the browser ends in the code flow (sign_in.flow); registered at the provider for client_id. Nothing listens there: the person copies the address into the terminal.',
  });

/** The name of a parameter of a request. */
export const parameterForm = /^[a-z][a-z0-9_.-]{0,63}$/;

/** What the keeper sets itself, and what would change the form of the answer. */
const own: ReadonlySet<string> = new Set([
  ...['client_id', 'client_secret', 'code_challenge', 'code_challenge_method', 'nonce', 'redirect_uri'],
  ...['request', 'request_uri', 'response_mode', 'response_type', 'scope', 'state'],
]);

export const authorizeParametersSchema = z
  .record(z.string().regex(parameterForm, 'This is not the name of a parameter.'), words(256))
  .superRefine((parameters, context) => {
    for (const name of Object.keys(parameters))
      if (own.has(name))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'tmux-gate sets this parameter itself; leave it out.',
        });
  })
  .transform((parameters) => bare(Object.entries(parameters)))
  .meta({
    description:
      'More parameters of the link in the code flow, as this provider needs them: such as prompt: consent, or access_type: offline (Google, for refresh tokens). max_age is also used where an act needs a fresh sign-in, in place of 0.',
  });

export const flowSchema = z
  .enum([...flows, 'both'])
  .prefault('device')
  .meta({
    description:
      'How people sign in. device: a code, typed in a browser anywhere. code: a link, and the address at which the browser ends, pasted back. both: each person picks.',
  });
