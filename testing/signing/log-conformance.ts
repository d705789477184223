import { createPublicKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvelopeContent, LogEntry, MessageContent } from '../../src/signing/entity.ts';
import { decodeLogEntry } from '../../src/signing/log/encode-entry.ts';
import type { LogInstance } from '../../src/signing/trust/trust-material.ts';
import { sharedData } from '../shared-data.ts';

/** One folder of the conformance suite, read as far as its log entries need: leniently, and trusting it. */
export interface LogConformanceCase {
  readonly name: string;
  readonly mediaType: string;
  readonly entries: readonly LogEntry[];
  readonly logs: readonly LogInstance[];
  readonly content: MessageContent | EnvelopeContent;
  readonly verifier:
    | { readonly kind: 'certificate'; readonly der: Buffer }
    | { readonly kind: 'public-key'; readonly spki: Buffer };
  readonly artifact: Buffer;
}

interface Json {
  readonly [name: string]: Json;
}

/** The names of the folders; none where the suite is absent. */
export function conformanceNames(): string[] {
  const folder = sharedData('sigstore-conformance', 'bundle-verify');
  if (folder === undefined) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Reads a folder. What is not even a bundle throws. */
export function readConformanceCase(name: string): LogConformanceCase {
  const root = sharedData('sigstore-conformance') as string;
  const folder = join(root, 'bundle-verify', name);
  const bundle = readJson(join(folder, 'bundle.sigstore.json'));
  const ownRoot = join(folder, 'trusted_root.json');
  const trusted = readJson(existsSync(ownRoot) ? ownRoot : join(root, 'public-good-trusted-root.json'));
  const artifact = join(folder, 'artifact');
  const material = bundle['verificationMaterial'] as Json;
  return {
    name,
    mediaType: textOf(bundle['mediaType']),
    entries: (material['tlogEntries'] as unknown as Json[]).map(decodeLogEntry),
    logs: (trusted['tlogs'] as unknown as Json[]).map(readLog),
    content: readContent(bundle),
    verifier: readVerifier(material, folder),
    artifact: readFileSync(existsSync(artifact) ? artifact : join(root, 'bundle-verify', 'a.txt')),
  };
}

function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

function readLog(log: Json): LogInstance {
  const { rawBytes, keyDetails, validFor } = log['publicKey'] as Json;
  const spki = bytes(rawBytes);
  const { start, end } = validFor as unknown as { readonly start?: string; readonly end?: string | null };
  const type = textOf(keyDetails) === 'PKIX_ED25519' ? 'ed25519' : 'ecdsa-p256';
  return {
    baseUrl: textOf(log['baseUrl']),
    logId: bytes((log['logId'] as Json)['keyId']),
    key: { type, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }), spki, bits: 256 },
    window: {
      ...(start === undefined ? {} : { start: new Date(start) }),
      ...(end === undefined || end === null ? {} : { end: new Date(end) }),
    },
  };
}

function readContent(bundle: Json): MessageContent | EnvelopeContent {
  const envelope = bundle['dsseEnvelope'];
  if (envelope === undefined) {
    return { kind: 'message', signature: bytes((bundle['messageSignature'] as Json)['signature']) };
  }
  const [signature] = envelope['signatures'] as unknown as Json[];
  return {
    kind: 'envelope',
    payloadType: textOf(envelope['payloadType']),
    payload: bytes(envelope['payload']),
    signature: bytes(signature?.['sig']),
  };
}

function readVerifier(material: Json, folder: string): LogConformanceCase['verifier'] {
  const chain = material['x509CertificateChain']?.['certificates'] as unknown as Json[] | undefined;
  const certificate = material['certificate'] ?? chain?.[0];
  if (certificate !== undefined) return { kind: 'certificate', der: bytes(certificate['rawBytes']) };
  const key = createPublicKey(readFileSync(join(folder, 'key.pub')));
  return { kind: 'public-key', spki: key.export({ type: 'spki', format: 'der' }) };
}

function bytes(value: unknown): Buffer {
  return Buffer.from(textOf(value), 'base64');
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('A text is missing in this case');
  return value;
}
