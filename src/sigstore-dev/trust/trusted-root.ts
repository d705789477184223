import type { CertificateLog } from '../ct/log.ts';
import type { JsonObject } from '../json/fields.ts';
import type { DevKey } from '../key/dev-key.ts';
import type { LogV1 } from '../rekor/log-v1.ts';
import type { LogV2 } from '../rekor/log-v2.ts';
import { keyDetailsOf } from './key-details.ts';

/** What there is to trust. */
export interface TrustedServices {
  readonly url: string;
  /** Since when. */
  readonly since: Date;
  /** DER, the root last. */
  readonly codeChain: readonly Buffer[];
  readonly timeChain: readonly Buffer[];
  readonly ctLog: CertificateLog;
  readonly logV1: LogV1;
  readonly logV2: LogV2;
}

/** A `TrustedRoot` (sigstore_trustroot.proto) for everything that the development sigstore signs. */
export function trustedRootOf(services: TrustedServices): JsonObject {
  const { url, since, codeChain, timeChain, ctLog, logV1, logV2 } = services;
  const validFor = { start: since.toISOString() };
  const keyOf = (key: DevKey): JsonObject => ({
    rawBytes: key.spki.toString('base64'),
    keyDetails: keyDetailsOf(key),
    validFor,
  });
  const log = (baseUrl: string, key: DevKey, id: Buffer): JsonObject => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: keyOf(key),
    logId: { keyId: id.toString('base64') },
  });
  const authority = (uri: string, commonName: string, chain: readonly Buffer[]): JsonObject => ({
    subject: { organization: 'sigstore-dev', commonName },
    uri,
    certChain: { certificates: chain.map((bytes) => ({ rawBytes: bytes.toString('base64') })) },
    validFor,
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(url, logV1.key, Buffer.from(logV1.id, 'hex')), log(url, logV2.key, logV2.id)],
    certificateAuthorities: [authority(url, 'sigstore-dev root', codeChain)],
    ctlogs: [log(`${url}/ct`, ctLog.key, ctLog.id)],
    timestampAuthorities: [authority(`${url}/api/v1/timestamp`, 'sigstore-dev tsa root', timeChain)],
  };
}
