// The figures of the evidence: each function measures one of its parts.
import type { Figures } from './report.ts';
import type { Setting } from './setting.ts';
import { measureFind } from './evidence-find.ts';
import { measureAccess } from './evidence-access.ts';
import { measureLog } from './evidence-log.ts';
import { measurePeriod } from './evidence-period.ts';
import { measureRecording } from './evidence-recording.ts';
import { measureReplay } from './evidence-replay.ts';

export interface EvidenceRounds {
  /** Records of the journal that is verified, and of the log out of which records are proved. */
  readonly records: number;
  readonly leaves: number;
  /** Bytes that a session prints while keystrokes are measured. */
  readonly printed: number;
  /** Hours of recordings that are searched. */
  readonly hours: number;
  /** Of the recording that is jumped into, before it is compressed. */
  readonly recordingBytes: number;
  /** Of the quarter that is proved as a whole. */
  readonly accesses: number;
}

/** Out of how many records the evidence of one access is made. */
const accessRecords = 1_000_000;

type Measure = (setting: Setting, rounds: EvidenceRounds) => Promise<Figures>;

const measures: readonly Measure[] = [
  async (_, rounds) => measureLog(rounds),
  async ({ host }, rounds) => measureRecording(host, rounds),
  async ({ host }, rounds) => measureFind(host, rounds),
  async (_, rounds) => measureReplay(rounds),
  async () => measureAccess(accessRecords),
  async (_, rounds) => measurePeriod(rounds.accesses),
];

export async function measureEvidence(setting: Setting, rounds: EvidenceRounds): Promise<Figures> {
  let figures: Figures = {};
  for (const one of measures) figures = { ...figures, ...(await one(setting, rounds)) };
  return figures;
}
