// Why something did not arrive, in a text that quotes no address (law 11).

/** A system error code where there is one, otherwise the error's name: messages may quote the address. */
export function reasonOf(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: { code?: unknown } | null };
  const reason = cause?.code ?? code;
  if (typeof reason === 'string') return reason;
  return typeof name === 'string' ? name : 'failed';
}
