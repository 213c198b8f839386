// Why something did not arrive, in words that quote no address.

/** A system error code where there is one: messages may quote the address. */
export function reasonOf(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: { code?: unknown } | null };
  const reason = cause?.code ?? code;
  if (typeof reason === 'string') return reason;
  return typeof name === 'string' ? name : 'failed';
}
