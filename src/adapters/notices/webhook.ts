// Sends a notice over HTTP.
//
// 1. No redirect is followed. Attack: a receiver sends the keeper to a server inside the network.
// 2. A webhook is named by its origin alone, because its path is often its password (law 11).
import { deliveryOf, type Receiver } from './formats.ts';
import type { Carrier } from './carrier.ts';
import { reasonOf } from '../failure-reason.ts';
import { retryAfterMs } from '../retry-after.ts';

/** Sends notices to one webhook. HTTP status 5xx and 429 count as passing, and so does every network error. */
export function webhookCarrier(receiver: Receiver): Carrier {
  return {
    name: new URL(receiver.webhook).origin,
    carry: async (notice, signal) => {
      try {
        const { url, headers, body } = deliveryOf(receiver, notice, Date.now());
        const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
        await response.body?.cancel();
        const { ok, status } = response;
        if (ok) return 'arrived';
        const mayPass = status >= 500 || status === 429;
        const waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now());
        return { problem: `HTTP status ${status}`, mayPass, ...(waitMs === undefined ? {} : { waitMs }) };
      } catch (error) {
        return { problem: reasonOf(error, receiver.webhook), mayPass: true };
      }
    },
  };
}
