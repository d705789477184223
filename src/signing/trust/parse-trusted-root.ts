import { PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';
import { errorMessage } from '../../base/error.ts';
import { derTag } from '../../codec/der/tag.ts';
import { derBitString, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { parseCertificate } from '../certificate/parse.ts';
import { SigningError } from '../error.ts';
import { readPublicKey } from '../key/read-public-key.ts';
import { signingLimits } from '../limits.ts';
import { checkProtoJson } from '../proto-json.ts';
import { trustedRootShape } from './shape.ts';
import type { Authority, LogInstance, TrustMaterial, ValidityWindow } from './trust-material.ts';

type ProtoAuthority = TrustedRoot['certificateAuthorities'][number];
type ProtoLog = TrustedRoot['tlogs'][number];

/** RFC 8017, appendix C. */
const rsaEncryption = '1.2.840.113549.1.1.1';

const mediaTypes: ReadonlySet<string> = new Set([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]);

/**
 * Reads a `trusted_root.json` (sigstore_trustroot.proto). Fields that are not used are passed over, so that newer
 * documents still serve; what is used must be whole.
 *
 * @param name where it came from, for messages
 * @throws SigningError TRUSTED_ROOT_INVALID
 */
export function parseTrustedRoot(bytes: Uint8Array, name: string): TrustMaterial {
  if (bytes.length > signingLimits.trustBytes) throw invalid(name, `it has ${bytes.length} bytes`);
  try {
    const json = parseStrictJson(bytes);
    checkProtoJson(json, trustedRootShape, 'the trusted root', 'ignore');
    const root = TrustedRoot.fromJSON(json);
    if (!mediaTypes.has(root.mediaType)) throw invalid(name, `it calls itself "${root.mediaType.slice(0, 100)}"`);
    return {
      authorities: supported(root.certificateAuthorities, authorityOf),
      timestampAuthorities: supported(root.timestampAuthorities, authorityOf),
      logs: supported(root.tlogs, logOf),
      ctLogs: supported(root.ctlogs, logOf),
    };
  } catch (error) {
    if (error instanceof SigningError) throw error;
    // The generated reader ends with errors of its own on names that it does not know.
    throw invalid(name, errorMessage(error), error);
  }
}

/** Keys of kinds that are not known yet can vouch for nothing here, and need not keep the others from it. */
function supported<Listed, Read>(entries: readonly Listed[], read: (entry: Listed) => Read): Read[] {
  return entries.flatMap((entry) => {
    try {
      return [read(entry)];
    } catch (error) {
      if (error instanceof CodecError && error.code === 'UNSUPPORTED') return [];
      throw error;
    }
  });
}

function authorityOf({ uri, certChain, validFor }: ProtoAuthority): Authority {
  const certificates = (certChain?.certificates ?? []).map(({ rawBytes }) => parseCertificate(rawBytes));
  if (certificates.length === 0) throw new CodecError('MALFORMED', `the authority ${uri} has no certificate`);
  return { uri, certificates, window: windowOf(validFor) };
}

function logOf({ baseUrl, publicKey, logId, checkpointKeyId }: ProtoLog): LogInstance {
  if (publicKey?.rawBytes === undefined) throw new CodecError('MALFORMED', `the log ${baseUrl} has no key`);
  if (logId === undefined) throw new CodecError('MALFORMED', `the log ${baseUrl} has no id`);
  return {
    baseUrl,
    logId: logId.keyId,
    ...(checkpointKeyId === undefined ? {} : { checkpointKeyId: checkpointKeyId.keyId }),
    key: readPublicKey(spkiOf(publicKey.rawBytes, publicKey.keyDetails)),
    window: windowOf(publicKey.validFor),
  };
}

/** Old entries have an RSA key as PKCS #1 writes it (sigstore_common.proto, `PKCS1_RSA_PKCS1V5`). */
function spkiOf(rawBytes: Buffer, details: PublicKeyDetails): Buffer {
  if (details !== PublicKeyDetails.PKCS1_RSA_PKCS1V5 && details !== PublicKeyDetails.PKCS1_RSA_PSS) return rawBytes;
  return derSequence(derSequence(derOid(rsaEncryption), derValue(derTag.null)), derBitString(rawBytes));
}

function windowOf(range: ProtoAuthority['validFor']): ValidityWindow {
  return {
    ...(range?.start === undefined ? {} : { start: range.start }),
    ...(range?.end === undefined ? {} : { end: range.end }),
  };
}

function invalid(name: string, why: string, cause?: unknown): SigningError {
  const message = `The trusted root ${name} cannot be used: ${why}; get it again, or name another with --trusted-root`;
  return new SigningError('TRUSTED_ROOT_INVALID', message, cause === undefined ? undefined : { cause });
}
