// Whether an error of the system says that a file does not exist (ENOENT, open(2)).

/** Whether it says so. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** For `catch`: undefined when there is no file. @throws the error itself when it says something else */
export function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}
