import { z } from 'zod';
import { matchConstraintsSchema } from '../../../resource/match-constraints/schema.ts';
import { kyvernoImageLimits } from '../../limits.ts';
import type {
  CosignAttestor,
  ImageAttestor,
  ImageValidatingPolicy,
  NamedExpression,
  TextOrExpression,
} from './model.ts';

const { entries, matchConditions } = kyvernoImageLimits;
const text = z.string().exactOptional();
const flag = z.boolean().exactOptional();
const enabled = { enabled: flag };

const named: z.ZodType<NamedExpression> = z.strictObject({ name: z.string(), expression: z.string() });
const source: z.ZodType<TextOrExpression> = z.strictObject({ value: text, expression: text });

const cosign: z.ZodType<CosignAttestor> = z.strictObject({
  key: z
    .strictObject({
      data: text,
      secretRef: z.strictObject({ name: z.string(), namespace: text }).exactOptional(),
      kms: text,
      hashAlgorithm: z.enum(['sha224', 'sha256', 'sha384', 'sha512']).exactOptional(),
      expression: text,
    })
    .exactOptional(),
  keyless: z
    .strictObject({
      identities: z
        .array(z.strictObject({ issuer: text, issuerRegExp: text, subject: text, subjectRegExp: text }))
        .exactOptional(),
      roots: text,
    })
    .exactOptional(),
  certificate: z.strictObject({ cert: source.exactOptional(), certChain: source.exactOptional() }).exactOptional(),
  source: z
    .strictObject({
      repository: text,
      tagPrefix: text,
      PullSecrets: z.array(z.strictObject({ name: text })).exactOptional(),
    })
    .exactOptional(),
  ctlog: z
    .strictObject({
      url: text,
      rekorPubKey: text,
      ctLogPubKey: text,
      tsaCertChain: text,
      insecureIgnoreTlog: flag,
      insecureIgnoreSCT: flag,
    })
    .exactOptional(),
  tuf: z.unknown().exactOptional(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
  trustedRoot: source.exactOptional(),
});

const attestor: z.ZodType<ImageAttestor> = z.strictObject({
  name: z.string(),
  cosign: cosign.exactOptional(),
  notary: z.strictObject({ certs: source.exactOptional(), tsaCerts: source.exactOptional() }).exactOptional(),
});

/** A whole policy. What Kubernetes itself writes into `metadata`, and `status`, is passed over. */
export const imageValidatingPolicySchema: z.ZodType<ImageValidatingPolicy> = z.strictObject({
  apiVersion: z.enum(['policies.kyverno.io/v1', 'policies.kyverno.io/v1beta1', 'policies.kyverno.io/v1alpha1']),
  kind: z.enum(['ImageValidatingPolicy', 'NamespacedImageValidatingPolicy']),
  metadata: z.object({ name: z.string().min(1), namespace: text }),
  spec: z.strictObject({
    matchConstraints: matchConstraintsSchema.exactOptional(),
    matchConditions: z.array(named).max(matchConditions).exactOptional(),
    failurePolicy: z.enum(['Fail', 'Ignore']).exactOptional(),
    validationActions: z.array(z.enum(['Deny', 'Audit', 'Warn'])).exactOptional(),
    variables: z.array(named).max(entries).exactOptional(),
    validationConfigurations: z
      .strictObject({ mutateDigest: flag, verifyDigest: flag, required: flag })
      .exactOptional(),
    matchImageReferences: z
      .array(z.strictObject({ glob: text, expression: text }))
      .max(entries)
      .exactOptional(),
    credentials: z
      .strictObject({
        allowInsecureRegistry: flag,
        providers: z.array(z.enum(['default', 'amazon', 'azure', 'google', 'github'])).exactOptional(),
        secrets: z.array(z.string()).exactOptional(),
      })
      .exactOptional(),
    images: z.array(named).max(entries).exactOptional(),
    attestors: z.array(attestor).exactOptional(),
    attestations: z
      .array(
        z.strictObject({
          name: z.string(),
          intoto: z.strictObject({ type: z.string() }).exactOptional(),
          referrer: z.strictObject({ type: z.string() }).exactOptional(),
        }),
      )
      .max(entries)
      .exactOptional(),
    validations: z
      .array(
        z.strictObject({
          expression: z.string(),
          message: text,
          messageExpression: text,
          reason: z.enum(['Unauthorized', 'Forbidden', 'Invalid', 'RequestEntityTooLarge']).exactOptional(),
        }),
      )
      .max(entries)
      .exactOptional(),
    auditAnnotations: z
      .array(z.strictObject({ key: z.string(), valueExpression: z.string() }))
      .max(entries)
      .exactOptional(),
    webhookConfiguration: z.strictObject({ timeoutSeconds: z.int().min(1).max(30).exactOptional() }).exactOptional(),
    evaluation: z
      .strictObject({
        mode: text,
        admission: z.strictObject(enabled).exactOptional(),
        background: z.strictObject({ ...enabled, interval: text }).exactOptional(),
      })
      .exactOptional(),
    autogen: z
      .strictObject({
        podControllers: z.strictObject({ controllers: z.array(z.string()).exactOptional() }).exactOptional(),
      })
      .exactOptional(),
  }),
  status: z.unknown().exactOptional(),
});
