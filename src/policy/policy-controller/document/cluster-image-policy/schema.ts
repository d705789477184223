import { z } from 'zod';
import { labelSelector } from '../../../kyverno/document/match/schema.ts';
import type { Authority, ClusterImagePolicy, KeyRef, WrittenPolicy } from './model.ts';

const text = z.string().exactOptional();
const flag = z.boolean().exactOptional();

const key: z.ZodType<KeyRef> = z.strictObject({
  data: text,
  secretRef: z.strictObject({ name: text, namespace: text }).exactOptional(),
  kms: text,
  hashAlgorithm: z.enum(['sha224', 'sha256', 'sha384', 'sha512']).exactOptional(),
});

const written: z.ZodType<WrittenPolicy> = z.strictObject({
  type: z.string(),
  data: text,
  url: text,
  configMapRef: z.strictObject({ name: text, namespace: text, key: text }).exactOptional(),
  remote: z.strictObject({ url: text, sha256sum: text }).exactOptional(),
  fetchConfigFile: flag,
  includeSpec: flag,
  includeObjectMeta: flag,
  includeTypeMeta: flag,
});

const authority: z.ZodType<Authority> = z.strictObject({
  name: text,
  key: key.exactOptional(),
  keyless: z
    .strictObject({
      url: text,
      identities: z
        .array(z.strictObject({ issuer: text, issuerRegExp: text, subject: text, subjectRegExp: text }))
        .exactOptional(),
      trustRootRef: text,
      insecureIgnoreSCT: flag,
      'ca-cert': key.exactOptional(),
    })
    .exactOptional(),
  static: z.strictObject({ action: z.enum(['pass', 'fail']), message: text }).exactOptional(),
  source: z
    .array(
      z.strictObject({
        oci: text,
        tagPrefix: text,
        signaturePullSecrets: z.array(z.strictObject({ name: text })).exactOptional(),
      }),
    )
    .exactOptional(),
  ctlog: z.strictObject({ url: text, trustRootRef: text }).exactOptional(),
  rfc3161timestamp: z.strictObject({ trustRootRef: text }).exactOptional(),
  attestations: z
    .array(z.strictObject({ name: z.string(), predicateType: z.string(), policy: written.exactOptional() }))
    .exactOptional(),
  signatureFormat: z.enum(['legacy', 'bundle']).exactOptional(),
});

/** A whole policy. What Kubernetes itself writes into `metadata`, and `status`, is passed over. */
export const clusterImagePolicySchema: z.ZodType<ClusterImagePolicy> = z.strictObject({
  apiVersion: z.enum(['policy.sigstore.dev/v1alpha1', 'policy.sigstore.dev/v1beta1']),
  kind: z.literal('ClusterImagePolicy'),
  metadata: z.object({ name: z.string().min(1) }),
  spec: z.strictObject({
    images: z.array(z.strictObject({ glob: z.string() })).min(1),
    authorities: z.array(authority).exactOptional(),
    mode: z.enum(['enforce', 'warn']).exactOptional(),
    match: z
      .array(z.strictObject({ group: text, version: text, resource: text, selector: labelSelector.exactOptional() }))
      .exactOptional(),
    policy: written.exactOptional(),
  }),
  status: z.unknown().exactOptional(),
});
