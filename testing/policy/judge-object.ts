import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../../src/lang/jmespath/value.ts';
import { type Digest, parseDigest } from '../../src/oci/digest.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Evidence, Gathered, SignatureCheck, VerifiedAttestation } from '../../src/policy/evidence.ts';
import { requirementsOf } from '../../src/policy/requirements.ts';
import { evaluateResource } from '../../src/policy/resource/evaluate-resource.ts';
import type { ResourceSubject } from '../../src/policy/resource/model.ts';
import type { ImageAnswer, ImageCheck, ResourceInput, ResourcePolicy } from '../../src/policy/resource/policy.ts';
import type { ResourceVerdict } from '../../src/policy/resource/verdict.ts';

/** The digest of images of tests that do not say another. */
export const testDigest: Digest = parseDigest(`sha256:${'ab'.repeat(32)}`);

/** What a registry of tests knows of an image. */
export interface TestImage {
  readonly digest?: Digest;
  /** Names of signers who signed it. */
  readonly signedBy?: readonly string[];
  /** Statements, by predicate type and the name of the signer. */
  readonly statements?: Readonly<Record<string, Readonly<Record<string, readonly Partial<VerifiedAttestation>[]>>>>;
  /** Nobody can look at it. */
  readonly unavailable?: string;
}

/** What surrounds an object of tests. Images by their references, as they are asked for; others have nothing attached. */
export interface TestGate {
  readonly images?: Readonly<Record<string, TestImage | 'absent'>>;
  readonly lookups?: Readonly<Record<string, JsonValue>>;
  readonly pins?: boolean;
  readonly now?: number;
}

/** What came of an object, and what was asked for it. */
export interface TestVerdict {
  readonly verdict: ResourceVerdict;
  readonly checks: readonly ImageCheck[];
  readonly rounds: number;
}

/** A pod with images, in namespace `team`. */
export function podOf(images: readonly string[], more: Partial<ResourceSubject> = {}): ResourceSubject {
  const containers = images.map((image, at) => ({ name: `c${at}`, image }));
  const object: JsonObject = { metadata: { name: 'web', namespace: 'team' }, spec: { containers } };
  return {
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    subresource: '',
    namespace: 'team',
    name: 'web',
    object,
    ...more,
  };
}

/** Judges an object as a gate does: asks, looks up, and asks again. */
export function judgeTestObject(
  policies: readonly ResourcePolicy[],
  subject: ResourceSubject,
  { images = {}, lookups: known = {}, pins = true, now = 0 }: TestGate = {},
): TestVerdict {
  const lookups = new Map<string, Gathered<JsonValue>>();
  const answers = new Map<string, Gathered<ImageAnswer>>();
  const checks: ImageCheck[] = [];
  const input: ResourceInput = { subject, now, pins, lookups, images: answers };
  for (let round = 1; round < 40; round += 1) {
    const { verdict, needs } = evaluateResource(policies, input);
    if (verdict !== undefined) return { verdict, checks, rounds: round };
    for (const { key } of needs.lookups) {
      assert.ok(!lookups.has(key), `${key} is asked for again`);
      lookups.set(
        key,
        Object.hasOwn(known, key) ? { state: 'known', value: known[key] ?? null, at: 0 } : { state: 'absent', at: 0 },
      );
    }
    for (const check of needs.images) {
      assert.ok(!answers.has(check.key), `${check.reference} is asked for again`);
      checks.push(check);
      answers.set(check.key, answerOf(check, images[check.reference] ?? {}, input));
    }
  }
  throw new Error('The policies want ever more');
}

function answerOf(check: ImageCheck, image: TestImage | 'absent', { pins, now }: ResourceInput): Gathered<ImageAnswer> {
  if (image === 'absent') return { state: 'absent', at: 0 };
  if (image.unavailable !== undefined) return { state: 'unavailable', reason: image.unavailable };
  const [, named] = check.reference.split('@');
  const digest = image.digest ?? (named === undefined ? testDigest : parseDigest(named));
  const evidence = evidenceOf(check, image, digest, named !== undefined, pins, now);
  const verdict = evaluate(check.policy, evidence);
  return {
    state: 'known',
    value: { digest, verdict, ...(check.wantsEvidence === true ? { evidence: [evidence] } : {}) },
    at: 0,
  };
}

function evidenceOf(
  { policy, reference }: ImageCheck,
  { signedBy = [], statements = {} }: TestImage,
  digest: Digest,
  isNamed: boolean,
  pins: boolean,
  now: number,
): Evidence {
  const repository = reference.replace(/[:@][^/]*$/, '');
  const subject: Evidence['subject'] = {
    gate: 'admission',
    repository,
    source: repository,
    digest,
    named: isNamed ? 'digest' : 'tag',
    pins,
    kind: 'image',
  };
  const wanted = requirementsOf(policy, subject);
  const at = 0;
  const signatures: [string, Gathered<SignatureCheck>][] = wanted.signers.map((name) => [
    name,
    signedBy.includes(name) ? { state: 'known', value: { verified: true, by: [name] }, at } : { state: 'absent', at },
  ]);
  const attestations = wanted.attestations.map(({ predicateType, signers }) => {
    const own = statements[predicateType] ?? {};
    const bySigner = signers.map((name) => {
      const made = (own[name] ?? []).map((each) => ({ predicate: {}, by: name, ...each }));
      const gathered =
        made.length === 0
          ? ({ state: 'absent', at } as const)
          : ({ state: 'known', value: { verified: made }, at } as const);
      return [name, gathered] as const;
    });
    return [predicateType, Object.fromEntries(bySigner)] as const;
  });
  return { subject, now, signatures: Object.fromEntries(signatures), attestations: Object.fromEntries(attestations) };
}
