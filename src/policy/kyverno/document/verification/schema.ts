import { z } from 'zod';
import { conditionBlock, conditions, texts } from '../conditions/schema.ts';
import type { Attestor, AttestorSet, KyvernoVerification, RegistryCredentials } from './model.ts';

const algorithm = z.enum(['sha224', 'sha256', 'sha384', 'sha512']);

const logs = {
  rekor: z
    .strictObject({
      url: z.string().exactOptional(),
      pubkey: z.string().exactOptional(),
      ignoreTlog: z.boolean().exactOptional(),
    })
    .exactOptional(),
  ctlog: z
    .strictObject({
      ignoreSCT: z.boolean().exactOptional(),
      pubkey: z.string().exactOptional(),
      tsaCertChain: z.string().exactOptional(),
    })
    .exactOptional(),
};

const attestor: z.ZodType<Attestor> = z.lazy(() =>
  z.strictObject({
    keys: z
      .strictObject({
        publicKeys: z.string().exactOptional(),
        secret: z.strictObject({ name: z.string(), namespace: z.string() }).exactOptional(),
        kms: z.string().exactOptional(),
        signatureAlgorithm: algorithm.exactOptional(),
        ...logs,
      })
      .exactOptional(),
    certificates: z
      .strictObject({ cert: z.string().exactOptional(), certChain: z.string().exactOptional(), ...logs })
      .exactOptional(),
    keyless: z
      .strictObject({
        issuer: z.string().exactOptional(),
        issuerRegExp: z.string().exactOptional(),
        subject: z.string().exactOptional(),
        subjectRegExp: z.string().exactOptional(),
        roots: z.string().exactOptional(),
        additionalExtensions: texts.exactOptional(),
        ...logs,
      })
      .exactOptional(),
    attestor: attestorSet.exactOptional(),
    annotations: texts.exactOptional(),
    repository: z.string().exactOptional(),
    signatureAlgorithm: algorithm.exactOptional(),
  }),
);

const attestorSet: z.ZodType<AttestorSet> = z.strictObject({
  count: z.int().min(1).exactOptional(),
  entries: z.array(attestor),
});

/** How registries are logged in to. */
export const registryCredentials: z.ZodType<RegistryCredentials> = z.strictObject({
  allowInsecureRegistry: z.boolean().exactOptional(),
  providers: z.array(z.enum(['default', 'amazon', 'azure', 'google', 'github'])).exactOptional(),
  secrets: z.array(z.string()).exactOptional(),
});

/** An entry of `verifyImages`. */
export const verification: z.ZodType<KyvernoVerification> = z.strictObject({
  type: z.enum(['Cosign', 'SigstoreBundle', 'Notary']).exactOptional(),
  failureAction: z.enum(['Audit', 'Enforce', 'audit', 'enforce']).exactOptional(),
  imageReferences: z.array(z.string()).exactOptional(),
  skipImageReferences: z.array(z.string()).exactOptional(),
  attestors: z.array(attestorSet).exactOptional(),
  attestations: z
    .array(
      z.strictObject({
        name: z.string().exactOptional(),
        type: z.string().exactOptional(),
        predicateType: z.string().exactOptional(),
        attestors: z.array(attestorSet).exactOptional(),
        conditions: z.array(conditionBlock).exactOptional(),
      }),
    )
    .exactOptional(),
  repository: z.string().exactOptional(),
  cosignOCI11: z.boolean().exactOptional(),
  mutateDigest: z.boolean().exactOptional(),
  verifyDigest: z.boolean().exactOptional(),
  required: z.boolean().exactOptional(),
  useCache: z.boolean().exactOptional(),
  validate: z
    .strictObject({
      message: z.string().exactOptional(),
      deny: z.strictObject({ conditions: conditions.exactOptional() }).exactOptional(),
    })
    .exactOptional(),
  imageRegistryCredentials: registryCredentials.exactOptional(),
  image: z.string().exactOptional(),
  key: z.string().exactOptional(),
  roots: z.string().exactOptional(),
  subject: z.string().exactOptional(),
  issuer: z.string().exactOptional(),
  additionalExtensions: texts.exactOptional(),
  annotations: texts.exactOptional(),
});
