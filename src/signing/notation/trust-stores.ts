import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import { derTag } from '../../codec/der/tag.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { readBasicConstraints } from '../certificate/extensions.ts';
import { parseCertificate } from '../certificate/parse.ts';
import { SigningError } from '../error.ts';
import { isIssuedBy } from './certificate-rules.ts';
import { notationLimits } from './limits.ts';
import type { StoreName } from './trust-policy.ts';

/** Reads the certificates of a named trust store. @throws SigningError TRUST_STORE_INVALID */
export type ReadTrustStore = (store: StoreName) => Promise<readonly Certificate[]>;

/**
 * Opens a folder of trust stores as notation has it: `x509/ca/NAME/*.crt` (trust-store-trust-policy.md, "Trust Store"). Each
 * store is read once, when it is first asked for. There are no links in it, no folders, and nothing but certificates: what
 * should be trusted and cannot be read must not be missed in silence.
 */
export function openTrustStores(folder: string): ReadTrustStore {
  const read = new Map<string, Promise<readonly Certificate[]>>();
  return (store) => {
    const key = `${store.type}:${store.name}`;
    const known = read.get(key) ?? readStore(join(folder, 'x509', store.type, store.name), store);
    read.set(key, known);
    return known;
  };
}

async function readStore(folder: string, store: StoreName): Promise<readonly Certificate[]> {
  const name = `${store.type}:${store.name}`;
  try {
    if (!(await lstat(folder)).isDirectory()) throw invalid(name, `${folder} is no folder, or a link to one`);
    const entries = await readdir(folder, { withFileTypes: true });
    if (entries.length > notationLimits.storeFiles) {
      throw invalid(name, `it has more than ${notationLimits.storeFiles} files`);
    }
    const certificates: Certificate[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (!entry.isFile()) throw invalid(name, `${path} is no file; folders and links are not looked into`);
      certificates.push(...(await readCertificates(path, store)));
    }
    if (certificates.length === 0) throw invalid(name, `there is no certificate in ${folder}`);
    return certificates;
  } catch (cause) {
    if (cause instanceof SigningError) throw cause;
    const gone = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    throw invalid(name, gone ? `there is no folder ${folder}` : errorMessage(cause), cause);
  }
}

/** PEM or DER; a PEM file may hold several. */
async function readCertificates(path: string, store: StoreName): Promise<Certificate[]> {
  const name = `${store.type}:${store.name}`;
  const bytes = await readWhole(path);
  if (bytes.length > notationLimits.storeFileBytes) {
    throw invalid(name, `${path} has more than ${notationLimits.storeFileBytes} bytes`);
  }
  try {
    const ders =
      bytes[0] === derTag.sequence
        ? [bytes]
        : parsePem(bytes.toString('latin1')).map(({ label, bytes: der }) => {
            if (label !== 'CERTIFICATE') throw new CodecError('MALFORMED', `it holds a ${label}`);
            return der;
          });
    if (ders.length === 0) throw new CodecError('MALFORMED', 'it holds no certificate');
    return ders.map((der) => {
      const certificate = parseCertificate(der);
      checkKind(certificate, store);
      return certificate;
    });
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw invalid(name, `${path} cannot be used: ${cause.message}`, cause);
  }
}

/** An authority, or a signer that vouches for itself; of timestamps only a root is taken, as notation does. */
function checkKind(certificate: Certificate, { type }: StoreName): void {
  const isAuthority = readBasicConstraints(certificate)?.isAuthority === true;
  if (type === 'tsa' && !(isAuthority && certificate.issuer.equals(certificate.subject))) {
    throw new CodecError('UNSUPPORTED', 'it is no root of a timestamp authority');
  }
  if (!isAuthority && !isIssuedBy(certificate, certificate)) {
    throw new CodecError('UNSUPPORTED', "it is neither an authority's certificate nor signed by itself");
  }
}

/** One byte more than is allowed, so that the size can be told from the allowed one. */
async function readWhole(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stream = createReadStream(path, { end: notationLimits.storeFileBytes });
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function invalid(name: string, why: string, cause?: unknown): SigningError {
  const options = cause === undefined ? undefined : { cause };
  return new SigningError('TRUST_STORE_INVALID', `The trust store ${name} cannot be used: ${why}`, options);
}
