import { Bundle, HashAlgorithm as ProtoHash } from '@sigstore/protobuf-specs';
import type { SignedEntity } from '../entity.ts';
import { encodeLogEntry } from '../log/encode-entry.ts';
import { bundleMediaType } from './media-type.ts';

/**
 * Writes a bundle of version 0.3 (sigstore_bundle.proto): one certificate without its chain, or a key's hint. The chain of
 * a private authority is kept where there is one, as cosign does since 3.1.3.
 */
export function encodeBundle(entity: SignedEntity): Buffer {
  const { material, content, logEntries, timestamps } = entity;
  const bundle: Bundle = {
    mediaType: bundleMediaType,
    verificationMaterial: {
      content: materialOf(material),
      tlogEntries: [],
      timestampVerificationData:
        timestamps.length === 0
          ? undefined
          : { rfc3161Timestamps: timestamps.map((signedTimestamp) => ({ signedTimestamp })) },
    },
    content:
      content.kind === 'message'
        ? {
            $case: 'messageSignature',
            messageSignature: {
              messageDigest:
                content.digest === undefined
                  ? undefined
                  : { algorithm: protoHashes[content.digest.algorithm], digest: content.digest.value },
              signature: content.signature,
            },
          }
        : {
            $case: 'dsseEnvelope',
            dsseEnvelope: {
              payload: content.payload,
              payloadType: content.payloadType,
              signatures: [{ sig: content.signature, keyid: content.keyId ?? '' }],
            },
          },
  };
  const json = Bundle.toJSON(bundle) as { verificationMaterial: Record<string, unknown> };
  if (logEntries.length > 0) json.verificationMaterial['tlogEntries'] = logEntries.map(encodeLogEntry);
  return Buffer.from(JSON.stringify(json));
}

const protoHashes = { sha256: ProtoHash.SHA2_256, sha384: ProtoHash.SHA2_384, sha512: ProtoHash.SHA2_512 } as const;

function materialOf(material: SignedEntity['material']): NonNullable<Bundle['verificationMaterial']>['content'] {
  if (material.kind === 'public-key') return { $case: 'publicKey', publicKey: { hint: material.hint ?? '' } };
  const certificates = material.certificates.map((rawBytes) => ({ rawBytes }));
  const [leaf] = certificates;
  if (leaf !== undefined && certificates.length === 1) return { $case: 'certificate', certificate: leaf };
  return { $case: 'x509CertificateChain', x509CertificateChain: { certificates } };
}
