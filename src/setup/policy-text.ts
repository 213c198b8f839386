// The text of the policy: a new one, and one with a session more. Comments and order of what is there stay as they are.
import { Document, isMap, parseDocument, type Node } from 'yaml';
import { readYaml } from '../config/document.ts';
import type { Answers, PolicyKeys, ClientAnswer, SessionAnswer } from '../core/setup-rules/answers.ts';
import { configComments, sessionComments } from '../core/messages/setup-comments.ts';
import { policyUnread, sessionThere } from '../core/messages/setup-faults.ts';
import { places } from '../core/setup-rules/wanted.ts';
import { SetupFault } from './fault.ts';

const style = { lineWidth: 0, flowCollectionPadding: true } as const;

/** The text of a new policy, with a comment beside what an admin may want to change. */
export function newPolicy({ host, oidc, signIn, session }: Answers, claims: PolicyKeys): string {
  const document = new Document({
    host,
    oidc: {
      issuer: oidc.issuer,
      ...clientOf(oidc, places.secret),
      ...(oidc.approval === undefined ? {} : { approval_client: clientOf(oidc.approval, places.approvalSecret) }),
      claims,
      ...oidc.settings,
      ...(oidc.insecureHttp ? { insecure_http: true } : {}),
    },
    ...(signIn === undefined ? {} : { sign_in: signIn }),
    redis: 'embedded',
    sessions: {},
  });
  document.commentBefore = configComments.head;
  comment(document, ['oidc'], configComments.oidc);
  comment(document, ['redis'], configComments.redis);
  comment(document, ['sessions'], configComments.sessions);
  flow(document, ['oidc', 'claims', 'login']);
  flow(document, ['oidc', 'approval_client']);
  addTo(document, session);
  return document.toString(style);
}

function clientOf({ clientId, secret }: ClientAnswer, file: string): Readonly<Record<string, string>> {
  return { client_id: clientId, ...(secret === undefined ? {} : { client_secret_file: file }) };
}

/** Writes the comment before a top-level key. */
function comment(document: Document, [key = '']: readonly string[], text: string): void {
  if (!isMap(document.contents)) return;
  const pair = document.contents.items.find(({ key: one }) => String(one) === key);
  const named = pair?.key as Node | undefined;
  if (named !== undefined) named.commentBefore = text;
  if (named !== undefined) named.spaceBefore = true;
}

function flow(document: Document, path: readonly string[]): void {
  const node = document.getIn(path, true);
  if (isMap(node)) node.flow = true;
}

/**
 * The text of a policy with one session more.
 * @throws SetupFault when it is no YAML, or has a session of this name
 */
export function withSession(text: string, session: SessionAnswer): string {
  if (readYaml(text).value === undefined) throw new SetupFault(policyUnread);
  const document = parseDocument(text);
  if (document.hasIn(['sessions', session.name])) throw new SetupFault(sessionThere(session.name));
  addTo(document, session);
  return document.toString(style);
}

function addTo(document: Document, { name, runAs, who, approvers, count, window }: SessionAnswer): void {
  const path = ['sessions', name];
  const value = document.createNode({
    run_as: runAs,
    who,
    approvers: { groups: approvers, ...(count === 1 ? {} : { count }) },
    window,
  });
  document.setIn(path, value);
  for (const key of ['who', 'approvers', 'window']) {
    const node = document.getIn([...path, key], true) as { flow?: boolean } | undefined;
    if (node !== undefined) node.flow = true;
  }
  value.commentBefore = sessionComments;
}

/** The text of a policy that names a peer, and the file of its keys. @throws SetupFault when it is no YAML */
export function withPeer(text: string, host: string, path: string): string {
  if (readYaml(text).value === undefined) throw new SetupFault(policyUnread);
  const document = parseDocument(text);
  document.setIn(['peers', host], path);
  return document.toString(style);
}

/** The text of a policy that does not name this peer. @throws SetupFault when it is no YAML */
export function withoutPeer(text: string, host: string): string {
  if (readYaml(text).value === undefined) throw new SetupFault(policyUnread);
  const document = parseDocument(text);
  document.deleteIn(['peers', host]);
  const left = document.get('peers');
  if (isMap(left) && left.items.length === 0) document.delete('peers');
  return document.toString(style);
}

/** The names of the sessions of a policy; none when it has none, or cannot be read. */
export function sessionsIn(text: string): readonly string[] {
  const { value } = readYaml(text);
  const sessions = (value as { sessions?: unknown } | null | undefined)?.sessions;
  return typeof sessions === 'object' && sessions !== null ? Object.keys(sessions) : [];
}
