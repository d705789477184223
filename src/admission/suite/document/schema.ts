import { z } from 'zod';
import { word } from '../../../codec/yaml/schema.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { isDigest } from '../../../oci/digest.ts';
import { suiteLimits } from '../limits.ts';
import {
  type ExpectedResult,
  type GivenAttestation,
  type GivenImage,
  type GivenSignature,
  resultWords,
  type SuiteDocument,
  type SuiteUser,
  type SuiteValues,
} from './model.ts';

const json: z.ZodType<JsonValue> = z.custom<JsonValue>((value) => value !== undefined, { error: 'is missing; add it' });
const named = z.record(z.string(), json);
const texts = z.record(z.string(), z.string());
const files = z.array(z.string().min(1)).max(suiteLimits.entries);
const unread = z.unknown().exactOptional();
const result = word(resultWords).exactOptional();
const flag = z.boolean().exactOptional();

const time: z.ZodType<number> = z.string().transform((text, context): number => {
  const read = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(read)) return read;
  context.addIssue('takes a time such as 2026-01-31T12:00:00Z');
  return z.NEVER;
});

const expected = z.strictObject({
  policy: z.string().min(1),
  rule: z.string().min(1).exactOptional(),
  resources: z.array(z.string().min(1)).max(suiteLimits.entries).exactOptional(),
  resource: z.string().min(1).exactOptional(),
  namespace: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  result,
  status: result,
  patchedResource: unread,
  patchedResources: unread,
  generatedResource: unread,
  cloneSourceResource: unread,
  resourceSpecs: unread,
  // These say of which kind a policy is, which its document says as well.
  isValidatingAdmissionPolicy: flag,
  isMutatingAdmissionPolicy: flag,
  isValidatingPolicy: flag,
  isImageValidatingPolicy: flag,
  isMutatingPolicy: flag,
  isDeletingPolicy: flag,
  isGeneratingPolicy: flag,
}) satisfies z.ZodType<ExpectedResult>;

const signature: z.ZodType<GivenSignature> = z
  .strictObject({
    signer: z.string().min(1).exactOptional(),
    key: z.string().min(1).exactOptional(),
    issuer: z.string().min(1).exactOptional(),
    subject: z.string().min(1).exactOptional(),
    claims: texts.exactOptional(),
    annotations: texts.exactOptional(),
    repository: z.string().min(1).exactOptional(),
  })
  .refine(
    ({ signer, key, issuer, subject }) =>
      [signer, key, issuer ?? subject].filter((each) => each !== undefined).length === 1,
    { error: 'takes exactly one of signer, key, and issuer with subject' },
  );

const signatures = z.array(signature).max(suiteLimits.attached);

const attestation: z.ZodType<GivenAttestation> = z.strictObject({
  predicateType: z.string().min(1),
  predicate: json,
  signatures,
  signedAt: time.exactOptional(),
});

const image: z.ZodType<GivenImage> = z.strictObject({
  image: z.string().min(1),
  digest: z.string().refine(isDigest, { error: 'is no digest; write sha256: and 64 digits' }).exactOptional(),
  absent: flag,
  signatures: signatures.exactOptional(),
  attestations: z.array(attestation).max(suiteLimits.attached).exactOptional(),
  sboms: z
    .array(z.strictObject({ format: z.string().min(1), signatures: signatures.exactOptional() }))
    .max(suiteLimits.attached)
    .exactOptional(),
  config: z
    .strictObject({
      created: time.exactOptional(),
      user: z.string().exactOptional(),
      labels: texts.exactOptional(),
      environment: z.array(z.string()).exactOptional(),
      ports: z.array(z.string()).exactOptional(),
      healthcheck: flag,
    })
    .exactOptional(),
});

const valuesMembers = {
  globalValues: named.exactOptional(),
  namespaceSelector: z.array(z.strictObject({ name: z.string(), labels: texts })).exactOptional(),
  policies: z
    .array(
      z.strictObject({
        name: z.string(),
        resources: z.array(z.strictObject({ name: z.string(), values: named.exactOptional() })).exactOptional(),
        rules: z
          .array(z.strictObject({ name: z.string(), values: named.exactOptional(), foreachValues: unread }))
          .exactOptional(),
      }),
    )
    .exactOptional(),
  subresources: unread,
};

const head = { apiVersion: z.string().exactOptional(), metadata: z.object({ name: z.string() }).exactOptional() };

/** A suite. */
export const suiteSchema: z.ZodType<SuiteDocument> = z.strictObject({
  ...head,
  kind: word(['Test', 'PolicyTest']).exactOptional(),
  name: z.string().exactOptional(),
  policies: files,
  resources: files.default([]),
  exceptions: files.exactOptional(),
  variables: z.string().exactOptional(),
  values: z.strictObject(valuesMembers).exactOptional(),
  userinfo: z.string().exactOptional(),
  now: time.exactOptional(),
  images: z.array(image).max(suiteLimits.images).exactOptional(),
  results: z.array(expected).max(suiteLimits.entries).default([]),
  targetResources: unread,
  checks: unread,
  context: unread,
});

/** A file of values. */
export const valuesSchema: z.ZodType<SuiteValues> = z.strictObject({
  ...head,
  kind: z.string().exactOptional(),
  ...valuesMembers,
});

/** A file that says who asks. */
export const userSchema: z.ZodType<SuiteUser> = z.strictObject({
  ...head,
  kind: z.string().exactOptional(),
  roles: z.array(z.string()).exactOptional(),
  clusterRoles: z.array(z.string()).exactOptional(),
  userInfo: z
    .object({
      username: z.string().exactOptional(),
      uid: z.string().exactOptional(),
      groups: z.array(z.string()).exactOptional(),
      extra: z.record(z.string(), z.array(z.string())).exactOptional(),
    })
    .exactOptional(),
});
