// The id of the request that a host makes of a batch. It follows from both, so that each host makes one request of a batch, and every other host
// knows which.
import { sha256 } from '../../adapters/sha256.ts';
import { idBytes, requestId } from '../../core/ids.ts';

export function memberId(batch: string, host: string): string {
  return requestId(Buffer.from(sha256(`${batch} ${host}`), 'hex').subarray(0, idBytes.request));
}
