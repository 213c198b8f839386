// How a person proves who they are at the provider.

/** The flows by which an ID token is asked for: the device flow (RFC 8628), or the authorization code flow with PKCE (RFC 7636). */
export const flows = ['device', 'code'] as const;
export type Flow = (typeof flows)[number];

/** What the policy lets people use; `both`: the person picks. */
export type FlowPolicy = Flow | 'both';
