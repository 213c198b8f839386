// A booted host with a disk of its own, as root of that host uses it; it may be shut down or lose its power, and be booted again.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Outcome } from '../sandbox/exec.ts';
import { bootMachine, type Machine } from './boot.ts';
import { openDisk, type Disk } from './disk.ts';

export class BootedHost implements AsyncDisposable {
  readonly #disk: Disk;
  #machine: Machine | undefined;

  private constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * @param archive a packed root file system
   * @param prepare changes its disk before the first boot
   * @throws Error when it does not boot
   */
  static async boot(archive: string, prepare?: (root: string) => Promise<void>): Promise<BootedHost> {
    const host = new BootedHost(await openDisk(archive));
    try {
      await prepare?.(host.root);
      await host.#boot();
      return host;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #boot(): Promise<void> {
    this.#machine = await bootMachine(this.root);
  }

  get root(): string {
    return this.#disk.root;
  }

  /** Runs a program there, whatever its exit code. */
  async outcome(...words: readonly string[]): Promise<Outcome> {
    if (this.#machine === undefined) throw new Error('the host is off');
    return this.#machine.run(...words);
  }

  /** Runs a line of a shell there. @returns what it printed. @throws Error when it fails, or prints something else */
  async sh(line: string, wanted = /^/): Promise<string> {
    const { code, stdout, stderr } = await this.outcome('sh', '-c', line);
    if (code !== 0 || !wanted.test(stdout)) throw new Error(`${line}: ${String(code)}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Waits until a line of a shell there succeeds. @throws Error when it does not within 20 seconds */
  async until(line: string): Promise<void> {
    await this.sh(`for i in $(seq 100); do if ${line}; then exit 0; fi; sleep 0.2; done >/dev/null 2>&1; exit 1`);
  }

  write(path: string, text: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text, { mode });
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Shuts it down cleanly and boots it again. */
  async reboot(): Promise<void> {
    await this.#machine?.powerOff();
    await this.#close();
    await this.#boot();
  }

  /** Cuts its power. The disk is as it was at that instant, and nothing runs. */
  async cutPower(): Promise<void> {
    await this.#disk.cutPower();
    await this.#close();
    await this.#disk.mountAgain();
  }

  /** Boots it after its power was cut. */
  async bootAgain(): Promise<void> {
    await this.#boot();
  }

  async #close(): Promise<void> {
    await this.#machine?.[Symbol.asyncDispose]();
    this.#machine = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#disk[Symbol.asyncDispose]();
  }
}
