// How people sign in, as `init` proposes it: by what the provider says of itself.
import { flows, type FlowPolicy } from '../sign-in-flow.ts';

const all: readonly FlowPolicy[] = [...flows, 'both'];

/** Device codes where the provider has an endpoint for them (RFC 8628 section 4), else the code flow. */
export const proposedFlow = (hasDeviceEndpoint: boolean): FlowPolicy => (hasDeviceEndpoint ? 'device' : 'code');

/** What an admin answered. @param usual what is taken for no answer. @returns undefined for any other text */
export function flowAnswered(said: string, usual: FlowPolicy): FlowPolicy | undefined {
  return said === '' ? usual : all.find((flow) => flow === said.toLowerCase());
}
