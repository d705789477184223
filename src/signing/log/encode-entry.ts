import { decodeBase64 } from '../../codec/base64/decode.ts';
import { asObject, type JsonObject } from '../../oci/json.ts';
import type { InclusionProof, LogEntry } from '../entity.ts';
import { signingLimits } from '../limits.ts';
import { asText, bytesIn, listIn, malformed, objectIn, optionalObjectIn, textIn } from './fields.ts';

/**
 * A log entry as bundles have it: protobuf's JSON of `TransparencyLogEntry` (sigstore_rekor.proto), integers of 64 bits
 * as text, nothing that is empty or zero.
 */
export function encodeLogEntry(entry: LogEntry): JsonObject {
  return {
    ...integer('logIndex', entry.logIndex),
    logId: { keyId: entry.logId.toString('base64') },
    kindVersion: { kind: entry.kind, version: entry.version },
    ...integer('integratedTime', entry.integratedTime),
    ...(entry.promise === undefined
      ? {}
      : { inclusionPromise: { signedEntryTimestamp: entry.promise.toString('base64') } }),
    ...(entry.proof === undefined ? {} : { inclusionProof: encodeProof(entry.proof) }),
    canonicalizedBody: entry.body.toString('base64'),
  };
}

/**
 * Reads a log entry of a bundle. Integers may be text or, as protobuf lets them, numbers; what is zero may be absent.
 *
 * @throws CodecError
 */
export function decodeLogEntry(value: unknown): LogEntry {
  const entry = asObject(value, 'it', malformed);
  const kindVersion = objectIn(entry, 'kindVersion');
  const promise = optionalObjectIn(entry, 'inclusionPromise');
  const proof = optionalObjectIn(entry, 'inclusionProof');
  return {
    logIndex: wholeIn(entry, 'logIndex'),
    logId: bytesIn(objectIn(entry, 'logId'), 'keyId'),
    kind: textIn(kindVersion, 'kind'),
    version: textIn(kindVersion, 'version'),
    integratedTime: wholeIn(entry, 'integratedTime'),
    ...(promise === undefined ? {} : { promise: bytesIn(promise, 'signedEntryTimestamp') }),
    ...(proof === undefined ? {} : { proof: decodeProof(proof) }),
    body: bytesIn(entry, 'canonicalizedBody'),
  };
}

function encodeProof({ logIndex, rootHash, treeSize, hashes, checkpoint }: InclusionProof): JsonObject {
  return {
    ...integer('logIndex', logIndex),
    rootHash: rootHash.toString('base64'),
    ...integer('treeSize', treeSize),
    ...(hashes.length === 0 ? {} : { hashes: hashes.map((hash) => hash.toString('base64')) }),
    ...(checkpoint === undefined ? {} : { checkpoint: { envelope: checkpoint } }),
  };
}

function decodeProof(proof: JsonObject): InclusionProof {
  const checkpoint = optionalObjectIn(proof, 'checkpoint');
  return {
    logIndex: wholeIn(proof, 'logIndex'),
    treeSize: wholeIn(proof, 'treeSize'),
    rootHash: bytesIn(proof, 'rootHash'),
    hashes: listIn(proof, 'hashes', signingLimits.proofHashes).map((hash) => decodeBase64(asText(hash, 'a hash'))),
    ...(checkpoint === undefined ? {} : { checkpoint: textIn(checkpoint, 'envelope') }),
  };
}

function integer(name: string, value: bigint): JsonObject {
  return value === 0n ? {} : { [name]: String(value) };
}

function wholeIn(parent: JsonObject, name: string): bigint {
  const value = parent[name] ?? 0;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^(?:0|-?[1-9][0-9]{0,18})$/.test(value)) {
    const whole = BigInt(value);
    if (whole === BigInt.asIntN(64, whole)) return whole;
  }
  throw malformed(`${name} is not a whole number of 64 bits`);
}
