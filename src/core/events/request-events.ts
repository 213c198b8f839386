// Events of requests, reviews and approval links.
import {
  batch,
  groups,
  login,
  ofBatch,
  person,
  proof,
  reason,
  refusalCode,
  request,
  session,
  signedIn,
  terms,
  view,
} from './shared-fields.ts';
import { durationMs, event, group, id, instantMs, list, oneOf, optional, flag, sha256, text } from './field.ts';

const linkFields = { request, session, login: text('the Unix login of whoever asked') };

export const requestEvents = {
  requested: event('A person asked for access. Written before anybody can see the request.', {
    request,
    rule: text('the rule of the policy that lets the person ask'),
    session,
    account: text('the session account'),
    who: group('the person who asks', person),
    address: text('the address and ports of the ssh connection, as claimed'),
    fingerprint: text('the fingerprint of the ssh key, as claimed; empty where there is none'),
    reason,
    durationMs: durationMs('the time that was asked for'),
    requestedAt: instantMs('when'),
    answerBy: instantMs('until when it waits for an answer'),
    mode: view,
    extends: optional(
      group('of an extension: what is to go on', {
        grant: id('the live grant'),
        until: instantMs('when it would have ended'),
      }),
    ),
    terms,
    batch: ofBatch,
  }),
  'batch-requested': event(
    'A person asked for a session of several hosts. Each of these makes a request of its own of it, which its own journal has. Written before any of them can see it.',
    {
      batch,
      session,
      hosts: list('the hosts', text('a host')),
      who: group('the person who asks', person),
      groups,
      address: text('the address and ports of the ssh connection, as claimed'),
      fingerprint: text('the fingerprint of the ssh key, as claimed; empty where there is none'),
      reason,
      durationMs: optional(durationMs('the time that was asked for; left out: what each host gives by itself')),
      mode: view,
      requestedAt: instantMs('when'),
      answerBy: instantMs('until when it waits for an answer'),
    },
  ),
  'batch-withdrawn': event('What was asked for several hosts is taken back, and each host is told.', {
    batch,
    login,
    why: optional(text('where this host withdrew it by itself: why')),
  }),
  reviewed: event(
    'A person approved or denied a request. Written before the review counts, on the host where it was made.',
    {
      request,
      digest: sha256('the digest of the signed request that the reviewer was shown'),
      verdict: oneOf('what they said', ['approve', 'deny']),
      by: group('the reviewer', person),
      groups,
      at: instantMs('when'),
      durationMs: optional(durationMs('the most that they allowed, where they shortened the time')),
      reason: optional(text('the reason, as the reviewer typed it')),
      proof,
      local: optional(flag('true: on the host, by a person behind sudo')),
      rule: optional(
        text('the rule of the policy that lets them review; left out on another host than the one that asks'),
      ),
      login: text('the Unix login of whoever asked'),
      session,
    },
  ),
  denied: event('A request is over: a review denied it.', {
    request,
    login: text('the Unix login of whoever asked'),
    by: group('the reviewer', person),
    reason: optional(text('the reason, as the reviewer typed it')),
  }),
  withdrawn: event(
    'A request is over without an answer: the person left, the login was locked, or the session changed.',
    {
      request,
      login,
      why: optional(text('why, in words; left out where the person cancelled it')),
      terms: optional(text('as what the session was to run, where the policy says otherwise by now')),
    },
  ),
  lapsed: event('A request is over: it was approved, or waited, and could not be granted any more.', {
    request,
    login,
    session,
    code: refusalCode,
  }),
  unanswered: event('A request is over: nobody answered it in time.', { request, login, session, batch: ofBatch }),
  'link-issued': event(
    'An approval link was made. Written before anybody is sent the link, which is never in the journal.',
    {
      ...linkFields,
      ends: instantMs('until when it can be used'),
    },
  ),
  'link-ended': event('An approval link ended, and nobody had signed in by it.', { ...linkFields, why: refusalCode }),
  'link-refused': event('Somebody completed an approval link and may not approve by it.', {
    ...linkFields,
    code: refusalCode,
    identity: optional(group('who completed it, where the token could be verified', signedIn)),
    groups: optional(groups),
  }),
};
