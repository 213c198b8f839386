// The fields of a notice, beside its event and its host.
import { optional, text, type Fields } from './field.ts';

export const noticeFields = {
  login: optional(text('the Unix login that it is about, or `*` for everyone')),
  identity: optional(text('the claim of the person')),
  from: optional(text('the address and ports of the ssh connection, as claimed; or `an approval link`')),
  session: optional(text('the session')),
  account: optional(text('the session account')),
  reason: optional(text('the reason, as the person typed it')),
  mode: optional(text('what is asked for beside typing: to view')),
  for: optional(text('the time that is asked for or given')),
  verdict: optional(text('`approve` or `deny`')),
  by: optional(text('who did it')),
  auto: optional(text('the rule that approved in the place of people')),
  why: optional(text('why')),
  until: optional(text('the end')),
  request: optional(text('the id of the request')),
  grant: optional(text('the id of the grant')),
  extends: optional(text('the grant that is to go on, or that goes on')),
  how: optional(text('how a review was given, where not in a terminal')),
  approvers: optional(text('who may review')),
  approve: optional(text('the line that a reviewer types')),
  link: optional(text('the approval link; in notices alone, never in the journal (law 11)')),
  code: optional(text('the code that its page shows or asks for; in notices alone, as the link')),
  linkEnds: optional(text('until when the link can be used')),
  warning: optional(text('what to know before the link is opened')),
  heldBack: optional(text('that notices like this one are not sent for a while')),
} satisfies Fields;
