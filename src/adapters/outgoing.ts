// What the servers that this program connects to show of themselves: the end of their certificates, and their clocks.
//
// 1. It only listens to what Node publishes of fetch (undici, DiagnosticsChannel) and of node:https (http.client.response.finish): no request
//    is made for it, delayed or changed. Accident: a look at a certificate breaks what it looks at.
// 2. What it remembers is bounded, and holds no more of an address than host and port (law 11).
import { subscribe } from 'node:diagnostics_channel';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { Certificate } from '../core/health/judge.ts';

const mostPlaces = 64;
/** A Date header is cut to the second (RFC 9110 section 5.6.7), so that half of one is added. */
const halfSecond = 500;

/** What was seen of servers. */
export interface Outgoing {
  /** Remembers the certificate that a server showed. @param place host and port */
  readonly note: (place: string, certificate: Partial<Pick<PeerCertificate, 'valid_to'>>) => void;
  /** Checks a server's name as node:tls does, and remembers its certificate: `checkServerIdentity` of tls.connect. */
  readonly identity: (place: string) => CheckIdentity;
  /** The certificates that servers showed last. */
  certificates(): readonly Certificate[];
  /** The clock of a server minus ours at its last answer, in milliseconds; undefined when it sent no Date. @param url any address of it */
  clockOf(url: string): number | undefined;
}

export type CheckIdentity = (name: string, certificate: PeerCertificate) => Error | undefined;

/** Begins to listen to this program's fetches (rule 1), until the program ends. */
export function openOutgoing(): Outgoing {
  const [ends, clocks] = [new Map<string, number>(), new Map<string, number>()];
  const note: Outgoing['note'] = (place, { valid_to: end }) => {
    const until = Date.parse(end ?? '');
    if (!Number.isNaN(until)) remember(ends, place, until);
  };
  subscribe('undici:client:connected', (message) => {
    const { connectParams, socket } = message as Connected;
    const certificate = socket?.getPeerCertificate?.();
    if (certificate && connectParams?.host !== undefined) note(connectParams.host, certificate);
  });
  subscribe('undici:request:headers', (message) => {
    const { request, response } = message as Answered;
    const date = dateIn(response?.headers ?? []);
    if (request?.origin === undefined || Number.isNaN(date)) return;
    remember(clocks, new URL(request.origin).origin, date + halfSecond - Date.now());
  });
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as Finished;
    const named = request?.getHeader('host');
    const host = typeof named === 'string' ? named : '';
    const certificate = response?.socket?.getPeerCertificate?.();
    const date = Date.parse(response?.headers?.date ?? '');
    if (host === '' || !certificate) return;
    note(host, certificate);
    if (!Number.isNaN(date)) remember(clocks, new URL(`https://${host}`).origin, date + halfSecond - Date.now());
  });
  return {
    note,
    identity: (place) => (name, certificate) => {
      note(place, certificate);
      return checkServerIdentity(name, certificate);
    },
    certificates: () => [...ends].map(([place, until]) => ({ place, until })),
    clockOf: (url) => clocks.get(new URL(url).origin),
  };
}

/** Rule 2. */
function remember(known: Map<string, number>, name: string, value: number): void {
  known.delete(name);
  const [oldest] = known.keys();
  if (known.size >= mostPlaces && oldest !== undefined) known.delete(oldest);
  known.set(name, value);
}

interface Connected {
  readonly connectParams?: { readonly host?: string };
  readonly socket?: { getPeerCertificate?(): Partial<PeerCertificate> | null };
}

interface Answered {
  readonly request?: { readonly origin?: string | URL };
  readonly response?: { readonly headers?: readonly unknown[] };
}

interface Finished {
  readonly request?: { getHeader(name: string): unknown };
  readonly response?: {
    readonly headers?: { readonly date?: string };
    readonly socket?: Connected['socket'];
  };
}

/** @param headers names and values in turn @returns ms since the epoch; NaN when there is no date */
function dateIn(headers: readonly unknown[]): number {
  const words = headers.map(String);
  const at = words.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'date');
  return Date.parse(at < 0 ? '' : (words[at + 1] ?? ''));
}
