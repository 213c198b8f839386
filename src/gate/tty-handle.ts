// Node's private field `_handle` of a terminal's stream, and nothing else. Its method `setBlocking` is the only way to switch off the
// blocking writes that Node uses for a terminal. Seen in Node 24.21 and 26.10; tests/unit/gate/tty-handle.test.ts fails when the field or
// Node's major version changes.

interface Inside {
  /** Absent on a stream to a file, null on a closed one. */
  readonly _handle?: { setBlocking(on: boolean): void } | null;
}

/** Makes the writes of a stream to a terminal block or not. @returns false when nothing was changed: the stream has no handle */
export function setBlocking(out: object, on: boolean): boolean {
  const { _handle: handle } = out as Inside;
  handle?.setBlocking(on);
  return Boolean(handle);
}
