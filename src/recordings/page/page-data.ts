// What the page of a recording shows, as the page's own script reads it.

/** A line that a person typed. */
export interface TypedEntry {
  /** Seconds since the beginning of the recording. */
  readonly at: number;
  readonly text: string;
}

/** What one person typed. */
export interface Lane {
  readonly person: string;
  readonly typed: readonly TypedEntry[];
}

/** A text that stood on the screen. */
export interface RowEntry {
  readonly at: number;
  readonly text: string;
}

export interface PageData {
  /** The recording as asciicast v2. */
  readonly cast: string;
  /** In seconds. */
  readonly length: number;
  readonly markers: readonly TypedEntry[];
  readonly lanes: readonly Lane[];
  readonly rows: readonly RowEntry[];
}

/** A fact in the page's head: its name and its value. */
export type Fact = readonly [name: string, value: string];
