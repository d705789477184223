import { z } from 'zod';
import type { TrustedAuthority, TrustedLog, TrustRoot } from './model.ts';

const authority: z.ZodType<TrustedAuthority> = z.strictObject({
  subject: z.strictObject({ organization: z.string(), commonName: z.string() }),
  uri: z.string(),
  certChain: z.string(),
});

const log: z.ZodType<TrustedLog> = z.strictObject({
  baseURL: z.string(),
  hashAlgorithm: z.string(),
  publicKey: z.string(),
});

/** A whole document. What Kubernetes itself writes into `metadata`, and `status`, is passed over. */
export const trustRootSchema: z.ZodType<TrustRoot> = z.strictObject({
  apiVersion: z.literal('policy.sigstore.dev/v1alpha1'),
  kind: z.literal('TrustRoot'),
  metadata: z.object({ name: z.string().min(1) }),
  spec: z.strictObject({
    remote: z.strictObject({ root: z.string(), mirror: z.string() }).exactOptional(),
    repository: z
      .strictObject({ root: z.string(), mirrorFS: z.string(), targets: z.string().exactOptional() })
      .exactOptional(),
    sigstoreKeys: z
      .strictObject({
        certificateAuthorities: z.array(authority).exactOptional(),
        tLogs: z.array(log).exactOptional(),
        ctLogs: z.array(log).exactOptional(),
        timestampAuthorities: z.array(authority).exactOptional(),
      })
      .exactOptional(),
    trustedRootJSON: z.unknown().exactOptional(),
  }),
  status: z.unknown().exactOptional(),
});
