// The keys of the probe: the person's own, as ssh(1) would find it, and that of the host.
//
// 1. The host's key must be in a file or match a fingerprint, unless --insecure-host-key is given. Attack: another host answers, and
//    refuses as the gate would.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { agentAt, agentWith, readKey, type Proof } from '../../adapters/ssh/proof.ts';
import { anyKey, trustFile, trustFingerprint, type Trust } from '../../adapters/ssh/trust.ts';
import { passphraseOf } from '../../core/messages/probe-report.ts';
import { faults, Unprobed } from './fault.ts';

/** Where to look for the person's key. */
export interface KeyOptions {
  readonly key?: string | undefined;
  readonly agentSocket: string | undefined;
  /** Asks for a passphrase; undefined where there is no terminal. */
  readonly ask: ((prompt: string) => Promise<string>) | undefined;
}

const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `${homedir()}/.ssh/${name}`);
const passphraseTries = 3;

/** The key or agent to authenticate with. @throws Unprobed NO_KEY, KEY_LOCKED */
export async function proofFrom(options: KeyOptions): Promise<Proof> {
  const { key, agentSocket } = options;
  if (key !== undefined) return proofOf(key, options);
  if (agentSocket !== undefined) return agentAt(agentSocket);
  for (const path of usual)
    if ((await readFile(path).catch(() => undefined)) !== undefined) return proofOf(path, options);
  throw new Unprobed(faults.noKey(undefined));
}

async function proofOf(path: string, { agentSocket, ask }: KeyOptions): Promise<Proof> {
  const text = await readFile(path).catch(() => undefined);
  const key = text === undefined ? undefined : readKey(text);
  if (text === undefined || key === undefined) throw new Unprobed(faults.noKey(path));
  if (key !== 'encrypted') return { key };
  const publicKey = await readFile(`${path}.pub`).catch(() => undefined);
  const held =
    agentSocket === undefined || publicKey === undefined ? undefined : await agentWith(agentSocket, publicKey);
  return held ?? unlock(path, text, ask);
}

async function unlock(path: string, text: Buffer, ask: KeyOptions['ask']): Promise<Proof> {
  for (let left = passphraseTries; ask !== undefined && left > 0; left--) {
    const key = readKey(text, await ask(passphraseOf(path)));
    if (key !== undefined && key !== 'encrypted') return { key };
  }
  throw new Unprobed(faults.locked(path));
}

/**
 * Which key of the host to accept (rule 1).
 * @param told a fingerprint, or a file of public keys or known hosts; undefined: ~/.ssh/known_hosts.
 * @throws Unprobed NO_KNOWN_HOSTS when the file cannot be read, NO_SSH_KEYGEN when there is nothing to read it with.
 */
export async function trustFrom(
  told: string | undefined,
  insecure: boolean,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Trust> {
  if (insecure) return anyKey;
  if (told?.startsWith('SHA256:') === true) return trustFingerprint(told);
  const path = told ?? `${homedir()}/.ssh/known_hosts`;
  try {
    return await trustFile(path, host, port);
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    throw new Unprobed(syscall?.startsWith('spawn') === true ? faults.noKeygen(path) : faults.noKnownHosts(path));
  }
}
