// A notice over HTTP.
//
// 1. No redirect is followed. Attack: a receiver that points the keeper at something inside the network.
// 2. A webhook's path is often its password, so it is named by its origin alone (law 11).
import { deliveryOf, type Receiver } from './formats.ts';
import type { Carrier } from './carrier.ts';
import { reasonOf } from './reason.ts';
import { retryAfterMs } from './retry-after.ts';

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
        return { problem: reasonOf(error), mayPass: true };
      }
    },
  };
}
