// What a check throws that cannot see what it is about.
/** A part that could not be looked at. */
export class NotInspectable extends Error {
  override readonly name = 'NotInspectable';
  readonly remedy: string | undefined;

  constructor(why: string, remedy?: string) {
    super(why);
    this.remedy = remedy;
  }
}
