// Keeps the tree and the checkpoint of a journal that is being written.
//
// 1. The checkpoint is signed for what is in the tree, and the tree has what is on disk: hashes first, then the checkpoint. A reader that
//    holds a checkpoint finds all the hashes that it needs.
// 2. What failed is made good before the next record. Attack: a growing tail that nobody signed is cut unseen.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../durable.ts';
import type { Keys } from '../keys.ts';
import { checkpointName, signCheckpoint } from './checkpoints.ts';
import { headName } from './read.ts';
import type { JournalTiles } from './tiles.ts';

/** Signs the checkpoints of this host. */
export type CheckpointSigner = Pick<Keys, 'publicKey' | 'signNote'>;

export interface CheckpointOptions {
  readonly folder: string;
  readonly host: string;
  readonly signer: CheckpointSigner;
  /** Called each time the checkpoint was replaced. */
  readonly signed?: (() => void) | undefined;
}

export class CheckpointFile {
  readonly #options: CheckpointOptions;
  readonly #tiles: JournalTiles;
  #waiting: string[] = [];
  #isOld = false;
  #note = '';

  constructor(options: CheckpointOptions, tiles: JournalTiles) {
    this.#options = options;
    this.#tiles = tiles;
  }

  /** The newest checkpoint; empty before the first. */
  get note(): string {
    return this.#note;
  }

  /** Takes lines that are on disk, and writes the checkpoint with them. A failure is made good later (rule 2). */
  async add(lines: readonly string[]): Promise<void> {
    this.#waiting.push(...lines);
    await this.write().catch(() => (this.#isOld = true));
  }

  /** Repeats the last write if it failed. @throws Error of the system */
  async makeGood(): Promise<void> {
    if (this.#isOld) await this.write();
  }

  /**
   * Signs the checkpoint and replaces its file (rule 1).
   * @param durable waits for the disk; after a batch it need not, because the records on disk are the evidence.
   * @throws Error of the system
   */
  async write(durable = false): Promise<void> {
    const { folder, host, signer } = this.#options;
    const lines = [...this.#waiting];
    await this.#tiles.append(lines);
    this.#waiting.splice(0, lines.length);
    const { size } = this.#tiles;
    const note = signCheckpoint(signer, host, { size, root: this.#tiles.root() });
    const path = join(folder, checkpointName);
    await replaceFile(path, note, { draft: `${path}.new`, mode: 0o600, durable });
    this.#note = note;
    this.#isOld = false;
    this.#options.signed?.();
  }

  /** Removes the head of an earlier version, once the checkpoint that replaces it is on disk. */
  async replaceOldHead(): Promise<void> {
    await this.write(true);
    await rm(join(this.#options.folder, headName), { force: true });
  }
}
