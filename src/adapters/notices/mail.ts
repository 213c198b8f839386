// Sends a notice as a mail: plain text, one fact a line.
//
// 1. TLS is used unless the server is on this host: `smtps:` from the start, `smtp:` by STARTTLS or not at all (RFC 3207, RFC 8314).
//    Attack: somebody on the network reads approval links.
// 2. nodemailer composes the headers from filtered lines. Attack: a line break in a login that adds a recipient.
// 3. A mail that was sent and not confirmed is sent again: one that arrives twice is better than none.
import { isIP } from 'node:net';
import type { Transporter } from 'nodemailer';
import { facts, headline, subject } from '../../core/messages/notices.ts';
import { personTold, type Notice } from '../../core/notice.ts';
import type { Carrier } from './carrier.ts';
import { reasonOf } from '../failure-reason.ts';
import type { Outgoing } from '../outgoing.ts';

/** A mail receiver of the policy. */
export interface MailReceiver {
  /** Addresses; `person` stands for whoever the notice is about. */
  readonly email: readonly string[];
  readonly from: string;
  /** An smtp: or smtps: URL without a password. */
  readonly smtp: string;
  readonly user?: string;
  readonly secret?: string;
}

const limitMs = 10_000;

/** Sends notices to the addresses of one receiver. @param identity how a server's name is checked; undefined: as node:tls does */
export function mailCarrier(receiver: MailReceiver, identity?: Outgoing['identity']): Carrier {
  const { from } = receiver;
  let transport: Promise<Transporter> | undefined;
  return {
    name: new URL(receiver.smtp).host,
    carry: async (notice, signal) => {
      const to = recipients(receiver, notice);
      if (to.length === 0) return 'arrived'; // the notice is about nobody who has an address here
      const text = facts(notice).map(([label, value]) => `${label}: ${value}`);
      try {
        const server = await (transport ??= transportOf(receiver, identity));
        await server.sendMail({
          from,
          to,
          subject: subject(headline(notice)),
          text: `${text.join('\n')}\n`,
          signal,
        });
        return 'arrived';
      } catch (error) {
        const { responseCode = 0 } = error as { responseCode?: number };
        // 5yz is permanent (RFC 5321 section 4.2.1).
        return { problem: reasonOf(error), mayPass: responseCode < 500 };
      }
    },
  };
}

function recipients({ email }: MailReceiver, notice: Notice): string[] {
  return email.flatMap((address) =>
    address === 'person' ? [personTold(notice)].filter((one) => one !== undefined) : [address],
  );
}

/** The connection to the mail server (rule 1). The package is loaded for the first mail: few hosts send any, and every start would read it. */
async function transportOf(
  { smtp, user, secret }: MailReceiver,
  identity: Outgoing['identity'] | undefined,
): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const url = new URL(smtp);
  const secure = url.protocol === 'smtps:';
  return createTransport({
    host: url.hostname,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !isHere(url.hostname),
    ...(user === undefined ? {} : { auth: { user, pass: secret ?? '' } }),
    ...(identity === undefined ? {} : { tls: { checkServerIdentity: identity(url.host) } }),
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
  });
}

function isHere(host: string): boolean {
  return host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.')) || host === '[::1]';
}
