// Makes self-signed certificates for test servers.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, in PEM; disposing removes its files. */
export interface Certificate extends Disposable {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** The path of the certificate. */
  readonly file: string;
}

/** Makes a certificate that is valid for two days. @param name the common name. @param alternatives such as `DNS:localhost` */
export function makeCertificate(name: string, ...alternatives: readonly string[]): Certificate {
  return makeCertificateFor(2, name, ...alternatives);
}

/** Makes a certificate that is valid for so many days. */
export function makeCertificateFor(days: number, name: string, ...alternatives: readonly string[]): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-certificate-'));
  const [key, file] = [`${folder}/key`, `${folder}/cert`];
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    String(days),
  ];
  const named = alternatives.length === 0 ? [] : ['-addext', `subjectAltName=${alternatives.join(',')}`];
  execFileSync('openssl', [...words, '-subj', `/CN=${name}`, ...named, '-keyout', key, '-out', file], {
    stdio: 'ignore',
  });
  return {
    key: readFileSync(key),
    cert: readFileSync(file),
    file,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
