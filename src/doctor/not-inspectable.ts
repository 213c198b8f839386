/** Thrown by a check that cannot inspect its subject. The message says why, the remedy what to do. */
export class NotInspectable extends Error {
  override readonly name = 'NotInspectable';
  readonly remedy: string | undefined;

  constructor(why: string, remedy?: string) {
    super(why);
    this.remedy = remedy;
  }
}
