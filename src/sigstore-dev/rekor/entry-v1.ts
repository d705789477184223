import type { X509Certificate } from 'node:crypto';
import { RefusedError } from '../error.ts';
import {
  bytesAt,
  decodeBytes,
  type JsonObject,
  objectAt,
  objectsAt,
  optionalTextAt,
  textAt,
  textsAt,
} from '../json/fields.ts';
import { signedDigest } from '../key/check-signature.ts';
import { parseSubmittedPem, type SubmittedKey } from '../key/submitted-key.ts';
import { matchSignatures, parseEnvelope, sha256Of, type SubmittedEnvelope, subjectDigests } from './envelope.ts';

/** An entry that was checked: what the log hashes, and by what it is found. */
export interface CheckedEntry {
  /** The canonical entry, before its names are ordered. */
  readonly body: JsonObject;
  /** Digests and mail addresses. */
  readonly searchKeys: readonly string[];
  /** What is kept beside the log. */
  readonly attestation?: Buffer;
}

/** Checks a proposed entry, and makes of it what the real Rekor writes down (pkg/types of rekor). @throws RefusedError */
export function checkEntryV1(proposed: JsonObject): CheckedEntry {
  const kind = textAt(proposed, 'kind');
  const version = textAt(proposed, 'apiVersion');
  const check = checks[`${kind} ${version}`];
  if (check === undefined) {
    throw new RefusedError('REQUEST_INVALID', `This log takes no entries of kind ${kind} ${version}`);
  }
  const { spec, ...rest } = check(objectAt(proposed, 'spec'));
  return { body: { apiVersion: version, kind, spec }, ...rest };
}

type Checked = Omit<CheckedEntry, 'body'> & { readonly spec: JsonObject };

const checks: Readonly<Record<string, (spec: JsonObject) => Checked>> = {
  'hashedrekord 0.0.1': checkHashedRekord,
  'dsse 0.0.1': checkDsse,
  'intoto 0.0.1': checkOldStatement,
  'intoto 0.0.2': checkStatement,
};

function checkHashedRekord(spec: JsonObject): Checked {
  const algorithm = textAt(spec, 'data', 'hash', 'algorithm');
  const value = textAt(spec, 'data', 'hash', 'value').toLowerCase();
  if (algorithm !== 'sha256' && algorithm !== 'sha384' && algorithm !== 'sha512') {
    throw new RefusedError('REQUEST_INVALID', 'The hash is of no known algorithm');
  }
  const signature = bytesAt(spec, 'signature', 'content');
  const key = parseSubmittedPem(bytesAt(spec, 'signature', 'publicKey', 'content').toString());
  if (!signedDigest(key, algorithm, Buffer.from(value, 'hex'), signature)) {
    throw new RefusedError('REQUEST_INVALID', 'verifying signature: the signature is not of this digest and key');
  }
  const publicKey = { content: Buffer.from(key.pem).toString('base64') };
  return {
    spec: {
      data: { hash: { algorithm, value } },
      signature: { content: signature.toString('base64'), publicKey },
    },
    searchKeys: [...keysOf(key), `${algorithm}:${value}`],
  };
}

function checkDsse(spec: JsonObject): Checked {
  const text = textAt(spec, 'proposedContent', 'envelope');
  const keys = textsAt(spec, 'proposedContent', 'verifiers').map(parseKey);
  const envelope = parseEnvelope(text);
  const made = [...matchSignatures(envelope, keys)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const envelopeHash = sha256Of(text);
  const payloadHash = sha256Of(envelope.payload);
  return {
    spec: {
      envelopeHash,
      payloadHash,
      signatures: made.map(([signature, { pem }]) => ({ signature, verifier: Buffer.from(pem).toString('base64') })),
    },
    searchKeys: searchKeysOf(envelope, keys, [envelopeHash, payloadHash]),
  };
}

function checkStatement(spec: JsonObject): Checked {
  const sent = objectAt(spec, 'content', 'envelope');
  // Payload and signatures are in base64 once more than in an envelope.
  const twice = objectsAt(sent, 'signatures').map((signature) => ({
    keyId: optionalTextAt(signature, 'keyid'),
    text: bytesAt(signature, 'sig').toString(),
    key: parseKey(textAt(signature, 'publicKey')),
  }));
  const payload = decodeBytes(bytesAt(sent, 'payload').toString(), 'payload');
  const envelope = { payloadType: textAt(sent, 'payloadType'), payload, signatures: twice };
  const made = matchSignatures(
    envelope,
    twice.map(({ key }) => key),
  );
  const payloadHash = sha256Of(payload);
  const signatures = twice.map(({ keyId, text }) => ({
    keyid: keyId,
    publicKey: Buffer.from(made.get(text)?.pem ?? '').toString('base64'),
    sig: Buffer.from(text).toString('base64'),
  }));
  // The log does not have the envelope's own bytes, and takes the client's word for their hash.
  const hash = {
    algorithm: textAt(spec, 'content', 'hash', 'algorithm'),
    value: textAt(spec, 'content', 'hash', 'value'),
  };
  return {
    spec: { content: { envelope: { payloadType: envelope.payloadType, signatures }, hash, payloadHash } },
    searchKeys: searchKeysOf(
      envelope,
      twice.map(({ key }) => key),
      [payloadHash],
    ),
    attestation: payload,
  };
}

function checkOldStatement(spec: JsonObject): Checked {
  const key = parseKey(textAt(spec, 'publicKey'));
  const text = textAt(spec, 'content', 'envelope');
  const envelope = parseEnvelope(text);
  matchSignatures(envelope, [key]);
  const [hash, payloadHash] = [sha256Of(text), sha256Of(envelope.payload)];
  return {
    spec: { content: { hash, payloadHash }, publicKey: Buffer.from(key.pem).toString('base64') },
    searchKeys: searchKeysOf(envelope, [key], [hash, payloadHash]),
    attestation: envelope.payload,
  };
}

function parseKey(base64: string): SubmittedKey {
  return parseSubmittedPem(decodeBytes(base64, 'publicKey').toString());
}

function searchKeysOf(
  envelope: SubmittedEnvelope,
  keys: readonly SubmittedKey[],
  hashes: readonly { readonly algorithm: string; readonly value: string }[],
): readonly string[] {
  const digests = hashes.map(({ algorithm, value }) => `${algorithm}:${value}`);
  return [...keys.flatMap(keysOf), ...digests, ...subjectDigests(envelope)];
}

/** The hash of the key as it is written down, and the mail addresses of its certificate. */
function keysOf({ pem, certificate }: SubmittedKey): string[] {
  return [sha256Of(pem).value, ...(certificate === undefined ? [] : addressesOf(certificate))];
}

function addressesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:^|, )(?:email|URI):([^,"]+)/g)].map((match) => match[1] as string);
}
