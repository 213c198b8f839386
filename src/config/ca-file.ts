// Reads the CAs of `oidc.ca_file`, which vouch for the provider beside those that the host trusts.
//
// 1. Only root can have written the file (safety.ts). Attack: another account adds a CA, and answers in the provider's place.
// 2. It holds certificates and nothing else. Accident: a file that also has a private key is read by more people than the key is for.
// 3. All of it can be read. Accident: half of a bundle is trusted, and sign-ins fail when the provider changes its chain.
import { X509Certificate } from 'node:crypto';
import { readGuarded, UnsafeFileError } from './safety.ts';

const maxBytes = 256 * 1024;
const certificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a file, each as PEM. @throws UnsafeFileError with what is wrong with it (rules 1 to 3) */
export async function readCaFile(path: string): Promise<readonly string[]> {
  const text = (await readGuarded(path, { maxBytes })).toString('latin1');
  const certificates = text.match(certificate) ?? [];
  const others = (text.match(/-----BEGIN /g) ?? []).length - certificates.length;
  const reasons = [
    ...(certificates.length === 0
      ? ['There is no certificate in it; write it as PEM (-----BEGIN CERTIFICATE-----).']
      : []),
    ...(others > 0 ? ['It holds more than certificates; leave only the certificates in it.'] : []),
    ...(certificates.every(isReadable) ? [] : ['A certificate in it cannot be read; copy the file anew.']),
  ];
  if (reasons.length > 0) throw new UnsafeFileError(path, reasons);
  return certificates;
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** @throws UnsafeFileError with what is wrong with the file */
export async function checkCaFile(path: string): Promise<void> {
  await readCaFile(path);
}
