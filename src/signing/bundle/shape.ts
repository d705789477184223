import { signingLimits } from '../limits.ts';
import type { ProtoMessage } from '../proto-json.ts';

const certificate: ProtoMessage = { fields: { rawBytes: 'bytes' } };

/** `Bundle` (sigstore_bundle.proto). */
export const bundleShape: ProtoMessage = {
  fields: {
    mediaType: 'text',
    verificationMaterial: {
      fields: {
        certificate,
        x509CertificateChain: { fields: { certificates: { list: certificate, most: signingLimits.chain } } },
        publicKey: { fields: { hint: 'text' } },
        // `decodeLogEntry` reads them.
        tlogEntries: { list: 'opaque', most: signingLimits.logEntries },
        timestampVerificationData: {
          fields: {
            rfc3161Timestamps: { list: { fields: { signedTimestamp: 'bytes' } }, most: signingLimits.timestamps },
          },
        },
      },
      oneOf: ['certificate', 'x509CertificateChain', 'publicKey'],
    },
    messageSignature: {
      fields: { messageDigest: { fields: { algorithm: 'enum', digest: 'bytes' } }, signature: 'bytes' },
    },
    dsseEnvelope: {
      fields: {
        payload: 'bytes',
        payloadType: 'text',
        signatures: { list: { fields: { sig: 'bytes', keyid: 'text' } }, most: 16 },
      },
    },
  },
  oneOf: ['messageSignature', 'dsseEnvelope'],
};
