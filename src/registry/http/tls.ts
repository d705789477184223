import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { readCappedFile } from '../../base/capped-file.ts';
import { fingerprintOf } from '../../base/fingerprint.ts';
import { RegistryTlsError, type TlsFileRole } from './tls-error.ts';

/** The files of a server's certificate, all PEM. */
export interface TlsFiles {
  /** The certificate first, then its chain. */
  readonly certFile: string;
  /** Not encrypted. */
  readonly keyFile: string;
  /** Authorities of client certificates. */
  readonly clientCaFile?: string;
  /** What these authorities revoked: a list of each of them, and none of them out of date, or nobody is taken. */
  readonly clientCrlFile?: string;
}

/** Certificates that can be served. */
export interface LoadedTls {
  /**
   * For `tls.createServer()` and, when they were loaded again, for its `setSecureContext()`: connections that are open stay
   * as they are. With a client CA the server also needs `requestCert: true` and, since logging in another way is as good,
   * `rejectUnauthorized: false`; whoever asks for the client's name must look at `socket.authorized`.
   */
  readonly options: SecureContextOptions;
  /** When the certificate is over, in milliseconds since 1970. */
  readonly expires: number;
  /** Of the bytes that it was made from, and of those that say which clients are taken. */
  readonly fingerprint: string;
  readonly clientsFingerprint: string;
}

/** Certificates in one file; a chain has about four, a bundle of authorities some hundreds. */
const mostCertificates = 500;
const fileBytes = 1_048_576;

const revocationList = /-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/g;
const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Loads certificates and checks that they can be served: readable, whole, valid now, and with their own key. TLS 1.2 is the
 * least that is spoken (RFC 8996).
 *
 * @param now in milliseconds since 1970
 * @throws RegistryTlsError
 */
export async function loadTls(files: TlsFiles, now: number): Promise<LoadedTls> {
  const { certFile, keyFile, clientCaFile, clientCrlFile } = files;
  // One after the other: of several that are missing, the same is told each time.
  const cert = await readPem('cert', certFile);
  const key = await readPem('key', keyFile);
  const clientCa = clientCaFile === undefined ? undefined : await readPem('clientCa', clientCaFile);
  const clientCrl = clientCrlFile === undefined ? undefined : await readPem('clientCrl', clientCrlFile);
  const [leaf] = readCertificates('cert', files.certFile, cert);
  const authorities =
    clientCa === undefined ? undefined : readCertificates('clientCa', files.clientCaFile as string, clientCa);
  if (!leaf.checkPrivateKey(readKey(files.keyFile, key))) {
    const sentence = `${files.keyFile} is not the key of the certificate in ${files.certFile}; name its own key`;
    throw new RegistryTlsError('TLS_KEY_MISMATCH', 'key', sentence);
  }
  checkTimes(files.certFile, leaf, now);
  const options: SecureContextOptions = {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ...(authorities === undefined ? {} : { ca: authorities.map(String) }),
    ...(clientCrl === undefined ? {} : { crl: readLists(files.clientCrlFile as string, clientCrl) }),
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    const { message } = cause as Error;
    if (/CRL/i.test(message)) throw malformedLists(files.clientCrlFile as string, cause);
    const sentence = `${files.certFile} cannot be served: ${message}; make a certificate with a usual key`;
    throw new RegistryTlsError('TLS_FILE_MALFORMED', 'cert', sentence, { cause });
  }
  return {
    options,
    expires: leaf.validToDate.getTime(),
    fingerprint: fingerprintOf([cert, key, clientCa, clientCrl]),
    clientsFingerprint: fingerprintOf([clientCa, clientCrl]),
  };
}

async function readPem(role: TlsFileRole, path: string): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readCappedFile(path, fileBytes);
  } catch (cause) {
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    const sentence = `${path} cannot be read (${code}); check that it is there and that this user may read it`;
    throw new RegistryTlsError('TLS_FILE_UNREADABLE', role, sentence, { cause });
  }
  if (bytes !== undefined) return bytes;
  throw new RegistryTlsError('TLS_FILE_MALFORMED', role, `${path} is far too large to be PEM; name the right file`);
}

function readCertificates(role: TlsFileRole, path: string, pem: Buffer): [X509Certificate, ...X509Certificate[]] {
  const malformed = (cause?: unknown): RegistryTlsError => {
    const sentence = `${path} holds no certificate in PEM; give a file of "BEGIN CERTIFICATE" blocks`;
    return new RegistryTlsError('TLS_FILE_MALFORMED', role, sentence, cause === undefined ? {} : { cause });
  };
  const blocks = pem.toString('latin1').match(certificateBlock) ?? [];
  if (blocks.length > mostCertificates) throw malformed();
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (first !== undefined) return [first, ...others];
  } catch (cause) {
    throw malformed(cause);
  }
  throw malformed();
}

function readLists(path: string, pem: Buffer): string[] {
  const lists = pem.toString('latin1').match(revocationList) ?? [];
  if (lists.length > 0 && lists.length <= mostCertificates) return lists;
  throw malformedLists(path);
}

function malformedLists(path: string, cause?: unknown): RegistryTlsError {
  const sentence = `${path} holds no list of revoked certificates in PEM; give a file of "BEGIN X509 CRL" blocks`;
  return new RegistryTlsError('TLS_FILE_MALFORMED', 'clientCrl', sentence, cause === undefined ? {} : { cause });
}

function readKey(path: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The reason is not kept: it may tell something of the key.
    const encrypted = /ENCRYPTED/.test(pem.toString('latin1'));
    const why = encrypted ? 'holds an encrypted key, which nobody could type in' : 'holds no private key in PEM';
    throw new RegistryTlsError('TLS_FILE_MALFORMED', 'key', `${path} ${why}; give a plain one`);
  }
}

function checkTimes(path: string, leaf: X509Certificate, now: number): void {
  const { validFromDate, validToDate } = leaf;
  if (now > validToDate.getTime()) {
    const sentence = `the certificate in ${path} ended at ${validToDate.toISOString()}; put a new one there`;
    throw new RegistryTlsError('TLS_EXPIRED', 'cert', sentence);
  }
  if (now < validFromDate.getTime()) {
    const sentence = `the certificate in ${path} is valid from ${validFromDate.toISOString()} on; check the clock`;
    throw new RegistryTlsError('TLS_EXPIRED', 'cert', sentence);
  }
}
