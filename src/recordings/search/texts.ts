// The texts of one recording in which `find` looks.
import type { CastEvent, CastHeader } from '../../core/recording/cast.ts';
import { rowBatches, type RowEvent } from '../rows.ts';
import type { Screen } from '../screen.ts';
import { Typist } from '../typed.ts';
import type { TimedText } from './documents.ts';

/** A text, and whether the person typed it or read it. */
export interface FoundText extends TimedText {
  readonly isTyped: boolean;
}

/** What is needed of an open recording. */
export interface Source {
  readonly header: CastHeader;
  /** Each is drawn on this screen before the next one is asked for. */
  readonly events: (screen: Screen) => AsyncIterable<CastEvent>;
}

/** The rows in their order and, wherever it ended, each line that was typed; as many at a time as there are. @throws Unreadable */
export async function* textsIn({ header, events }: Source): AsyncGenerator<readonly FoundText[]> {
  const typist = new Typist();
  const typed: FoundText[] = [];
  const take = (lines: ReturnType<Typist['take']>): void => {
    for (const { until: at, text } of lines) typed.push({ at, text, isTyped: true });
  };
  const listen = ({ at, code, data }: RowEvent): void => {
    if (code === 'i') take(typist.take(at, data));
  };
  for await (const rows of rowBatches(header, events, listen))
    yield [...typed.splice(0), ...rows.map(({ at, text }) => ({ at, text, isTyped: false }))];
  take(typist.end());
  yield typed;
}
