// Runs commands over an ssh client (ssh2) that sends any command, however long.
import type { Client } from 'ssh2';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import type { Seen } from './refused.ts';

/** Runs a command without a terminal and waits for its end. @throws Error when the connection ends first */
export async function execOver(client: Client, command: string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    client.once('error', reject).once('close', () => reject(new Error('the connection ended')));
    client.exec(command, (error, stream) => {
      if (error !== undefined) return reject(error);
      let text = '';
      const hear = (piece: Buffer): void => void (text += piece.toString('utf8'));
      stream.on('data', hear);
      stream.stderr.on('data', hear);
      stream.on('close', (code: number | null | undefined) => resolve({ code: code ?? null, text }));
    });
  });
}

/** Runs the next command on a connection that may have one session at a time; waits until sshd has closed the one before. */
export async function nextOver(client: Client, command: string): Promise<Seen> {
  return eventually('another session', async () =>
    execOver(client, command).catch((error: unknown) => {
      if (/open failed/.test(String(error))) return undefined;
      throw error;
    }),
  );
}
