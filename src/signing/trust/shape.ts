import { signingLimits } from '../limits.ts';
import type { ProtoMessage } from '../proto-json.ts';

/** Logs, authorities and services of one document. */
const most = 64;

const timeRange: ProtoMessage = { fields: { start: 'time', end: 'time' } };

const log: ProtoMessage = {
  fields: {
    baseUrl: 'text',
    hashAlgorithm: 'enum',
    publicKey: { fields: { rawBytes: 'bytes', keyDetails: 'enum', validFor: timeRange } },
    logId: { fields: { keyId: 'bytes' } },
    checkpointKeyId: { fields: { keyId: 'bytes' } },
  },
};

const authority: ProtoMessage = {
  fields: {
    uri: 'text',
    certChain: {
      fields: { certificates: { list: { fields: { rawBytes: 'bytes' } }, most: signingLimits.chain } },
    },
    validFor: timeRange,
  },
};

/** `TrustedRoot` (sigstore_trustroot.proto), as far as it is used. */
export const trustedRootShape: ProtoMessage = {
  fields: {
    mediaType: 'text',
    tlogs: { list: log, most },
    certificateAuthorities: { list: authority, most },
    ctlogs: { list: log, most },
    timestampAuthorities: { list: authority, most },
  },
};

const service: ProtoMessage = {
  fields: { url: 'text', majorApiVersion: 'integer', validFor: timeRange, operator: 'text' },
};

const configuration: ProtoMessage = { fields: { selector: 'enum', count: 'integer' } };

/** `SigningConfig` (sigstore_trustroot.proto). */
export const signingConfigShape: ProtoMessage = {
  fields: {
    mediaType: 'text',
    caUrls: { list: service, most },
    oidcUrls: { list: service, most },
    rekorTlogUrls: { list: service, most },
    rekorTlogConfig: configuration,
    tsaUrls: { list: service, most },
    tsaConfig: configuration,
  },
};
