import { generateKeyPairSync } from 'node:crypto';
import { RE2JS } from 're2js';
import { compileJmespath } from '../../src/lang/jmespath/evaluate.ts';
import type { JsonObject, JsonValue } from '../../src/lang/jmespath/value.ts';
import { parseDigest } from '../../src/oci/digest.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Evidence, Gathered, SignatureCheck } from '../../src/policy/evidence.ts';
import type { KyvernoRule } from '../../src/policy/kyverno/document/policy/model.ts';
import type { AttestorSet, KyvernoVerification } from '../../src/policy/kyverno/document/verification/model.ts';
import { compileExtraction } from '../../src/policy/kyverno/extract/compile-extraction.ts';
import { imagesVariable } from '../../src/policy/kyverno/extract/images-variable.ts';
import { kyvernoFunctions } from '../../src/policy/kyverno/function/list.ts';
import { usualNaming } from '../../src/policy/kyverno/image-name.ts';
import { type KyvernoSettings, NeedsLookup, type RuleScope } from '../../src/policy/kyverno/rule/model.ts';
import { strictStyle } from '../../src/policy/kyverno/style.ts';
import { compileVerification } from '../../src/policy/kyverno/verify/compile-verification.ts';
import { matchesWildcard } from '../../src/policy/kyverno/wildcard.ts';
import type { Signer, SignerIdentity, TextSpec } from '../../src/policy/model.ts';
import type { ResourceSubject } from '../../src/policy/resource/model.ts';
import type { ImageAnswer, ImageCheck, Lookup, RuleAnswer, RuleDecision } from '../../src/policy/resource/policy.ts';
import { makeSubject, testNow } from './make-evidence.ts';

/** A signature that lies in a registry, and holds. */
export interface TestSignature {
  /** A public key in PEM, or where it is. */
  readonly key?: string;
  readonly certificate?: SignerIdentityOf;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `legacy` when left out. */
  readonly layout?: 'legacy' | 'bundle' | 'notation';
  /** Where it lies when not beside the image. */
  readonly repository?: string;
  /** Of an attestation; a signature of the image has none. */
  readonly type?: string;
  readonly predicate?: JsonValue;
}

/** Whom a certificate of the authorities that everybody trusts is for. */
export interface SignerIdentityOf {
  readonly subject: string;
  readonly issuer: string;
  readonly claims?: Readonly<Record<string, string>>;
}

/** An image in a registry; none is signed unless it says so. */
export type TestImage =
  | { readonly state: 'absent' }
  | { readonly state: 'pending' }
  | { readonly state: 'unavailable'; readonly reason: string }
  | { readonly state?: undefined; readonly digest?: string; readonly signatures?: readonly TestSignature[] };

/** What a rule is asked about. */
export interface VerificationCase {
  readonly rule?: Partial<KyvernoRule>;
  readonly entries: readonly KyvernoVerification[];
  readonly policyId?: string;
  readonly settings?: Partial<KyvernoSettings>;
  /** A Pod with these images when it is a list. */
  readonly object: JsonObject | readonly string[];
  readonly subject?: Partial<ResourceSubject>;
  /** Of the rule, where its entries do not say; `deny` when left out. */
  readonly action?: 'deny' | 'audit';
  /** Whether the gate puts digests in; true when left out. */
  readonly pins?: boolean;
  /** By the references that they are asked for by; all others are there, and unsigned. */
  readonly images?: Readonly<Record<string, TestImage>>;
  /** Says what image a check finds, in place of `images`; undefined where these say it. */
  readonly find?: (check: ImageCheck, at: number) => TestImage | undefined;
  /** Changes what was found of an image. */
  readonly change?: (answer: ImageAnswer) => ImageAnswer;
  /** Variables besides `request` and `images`. */
  readonly variables?: Readonly<Record<string, JsonValue>>;
  /** Variables that must be looked up first, by their names. */
  readonly lookups?: Readonly<Record<string, JsonValue>>;
}

/** What came of it. */
export interface VerificationRun {
  readonly answer: RuleAnswer;
  /** All that was asked for, in the order in which that was done. */
  readonly checks: readonly ImageCheck[];
  readonly lookups: readonly Lookup[];
}

/** The digest of every image that has no other. */
export const testDigest: string = `sha256:${'d'.repeat(64)}`;

/** A Pod with containers `c0`, `c1` and so on. */
export function podOf(...images: readonly string[]): JsonObject {
  return { metadata: { name: 'p' }, spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) } };
}

/** Settings as they usually are, with what is different. */
export function kyvernoSettings(parts: Partial<KyvernoSettings> = {}): KyvernoSettings {
  return { style: strictStyle, naming: usualNaming, namespace: 'kyverno', ...parts };
}

/** A rule with entries of `verifyImages`, about Pods. */
export function ruleOf(entries: readonly KyvernoVerification[], parts: Partial<KyvernoRule> = {}): KyvernoRule {
  return { name: 'check', match: { any: [{ resources: { kinds: ['Pod'] } }] }, verifyImages: entries, ...parts };
}

/**
 * Asks a rule about an object until it needs nothing more, as a gate does, with registries that are made up. @throws Error for a rule
 * that has mistakes
 */
export function verifyImages(given: VerificationCase): VerificationRun {
  const settings = kyvernoSettings(given.settings);
  const rule = ruleOf(given.entries, given.rule);
  const { body, mistakes } = compileVerification(rule, given.policyId ?? 'check-images', settings);
  if (mistakes.length > 0)
    throw new Error(mistakes.map(({ path, sentence }) => `${path.join('.')} ${sentence}`).join('\n'));
  const object = Array.isArray(given.object)
    ? podOf(...(given.object as readonly string[]))
    : (given.object as JsonObject);
  const subject: ResourceSubject = {
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    subresource: '',
    namespace: 'default',
    name: 'p',
    object,
    ...given.subject,
  };
  const { imagesOf } = compileExtraction(rule, settings);
  const found = imagesOf(subject, testNow);
  const lookedUp = new Map<string, Gathered<JsonValue>>();
  const images = new Map<string, Gathered<ImageAnswer>>();
  const checks: ImageCheck[] = [];
  const lookups: Lookup[] = [];
  for (let round = 0; round < 10; round += 1) {
    const scope = scopeOf(given, settings, subject, found, lookedUp, images);
    const answer = body(scope);
    if (answer.kind !== 'needs') return { answer, checks, lookups };
    for (const lookup of answer.lookups) {
      lookups.push(lookup);
      lookedUp.set(lookup.key, { state: 'known', value: given.lookups?.[lookup.key] ?? null, at: testNow });
    }
    for (const check of answer.images) {
      const image = given.find?.(check, checks.length) ?? given.images?.[check.reference] ?? {};
      checks.push(check);
      const answerFound = imageAnswer(check, image, given.pins ?? true);
      const changed = answerFound.state === 'known' ? given.change?.(answerFound.value) : undefined;
      images.set(check.key, changed === undefined ? answerFound : { state: 'known', value: changed, at: testNow });
    }
  }
  throw new Error('The rule asks again and again');
}

/** The decision of a rule that must come to one. */
export function decisionOf(given: VerificationCase): RuleDecision {
  const { answer } = verifyImages(given);
  if (answer.kind !== 'decided') throw new Error(`The rule says ${answer.kind}`);
  return answer;
}

function scopeOf(
  given: VerificationCase,
  settings: KyvernoSettings,
  subject: ResourceSubject,
  images: RuleScope['images'],
  lookups: ReadonlyMap<string, Gathered<JsonValue>>,
  answers: ReadonlyMap<string, Gathered<ImageAnswer>>,
): RuleScope {
  const { object, oldObject, operation, namespace } = subject;
  const variables: Record<string, JsonValue> = {
    request: { object, oldObject: oldObject ?? null, operation, namespace },
    ...given.variables,
  };
  const environment = { functions: kyvernoFunctions(settings.naming), now: () => testNow, random: () => 0.5 };
  const within = (more: Readonly<Record<string, JsonValue>>): RuleScope => ({
    input: { subject, now: testNow, pins: given.pins ?? true, lookups, images: answers },
    action: given.action ?? 'deny',
    images,
    search: (expression) => {
      const all: Record<string, JsonValue> = { ...variables, ...more };
      if (expression.includes('images')) all['images'] = imagesVariable(images, settings.naming);
      for (const [name] of Object.entries(given.lookups ?? {})) {
        if (!expression.includes(name)) continue;
        const value = lookups.get(name);
        if (value === undefined) {
          throw new NeedsLookup({ kind: 'configMap', key: name, namespace: 'default', name });
        }
        all[name] = value.state === 'known' ? value.value : null;
      }
      return compileJmespath(expression).search(all, environment);
    },
    within: (further) => within({ ...more, ...further }),
    step: () => undefined,
  });
  return within({});
}

/** What comes of judging an image that lies in a registry so. */
export function imageAnswer(
  { policy, reference, context }: ImageCheck,
  image: TestImage,
  pins: boolean,
): Gathered<ImageAnswer> {
  if (image.state === 'absent') return { state: 'absent', at: testNow };
  if (image.state !== undefined) return image;
  const digest = parseDigest(image.digest ?? /@(.*)$/.exec(reference)?.[1] ?? testDigest);
  const repository = reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const { signers, rules } = policy.policy;
  const signatures = image.signatures ?? [];
  const types = rules.flatMap((rule) => {
    if (rule.kind === 'attestation') return [rule.predicateType];
    return rule.kind === 'expression'
      ? Object.values(rule.statements ?? {}).map(({ predicateType }) => predicateType)
      : [];
  });
  const of = (signer: Signer, type: string | undefined): readonly TestSignature[] =>
    signatures.filter((each) => each.type === type && isBy(each, signer, repository));
  const evidence: Evidence = {
    subject: makeSubject({
      gate: 'admission',
      repository,
      source: repository,
      digest,
      named: reference.includes('@') ? 'digest' : 'tag',
      pins,
    }),
    now: testNow,
    signatures: Object.fromEntries(
      signers.map((signer) => [signer.name, signatureOf(of(signer, undefined), signatures)]),
    ),
    attestations: Object.fromEntries(
      types.map((type) => [
        type,
        Object.fromEntries(
          signers.map((signer) => {
            const verified = of(signer, type).map((each) => ({ predicate: each.predicate, by: creatorOf(each) }));
            return [signer.name, { state: 'known', value: { verified }, at: testNow } as const];
          }),
        ),
      ]),
    ),
    ...(context === undefined ? {} : { context }),
  };
  return { state: 'known', value: { digest, verdict: evaluate(policy, evidence) }, at: testNow };
}

function signatureOf(good: readonly TestSignature[], all: readonly TestSignature[]): Gathered<SignatureCheck> {
  if (good.length > 0) return { state: 'known', value: { verified: true, by: good.map(creatorOf) }, at: testNow };
  const others = all.filter(({ type }) => type === undefined);
  if (others.length === 0) return { state: 'absent', at: testNow };
  const why = `it is signed by ${others.map(creatorOf).join(', ')}`;
  return { state: 'known', value: { verified: false, why }, at: testNow };
}

function creatorOf({ key, certificate }: TestSignature): string {
  return certificate?.subject ?? key ?? '';
}

function isBy(signature: TestSignature, signer: Signer, imageRepository: string): boolean {
  const { key, certificate, annotations = {}, layout = 'legacy', repository } = signature;
  if (signer.layouts?.includes(layout) === false) return false;
  if ((signer.repository ?? imageRepository) !== (repository ?? imageRepository)) return false;
  const has = Object.entries(signer.annotations ?? {}).every(([name, spec]) => fits(spec, annotations[name]));
  if (!has) return false;
  if (certificate === undefined) return signer.keys.some((each) => Object.values(each).includes(key ?? ''));
  return signer.identities.some((identity) => isFor(identity, certificate));
}

function isFor({ issuer, subject, claims = {} }: SignerIdentity, certificate: SignerIdentityOf): boolean {
  if (issuer !== undefined && !fits(issuer, certificate.issuer)) return false;
  if (subject !== undefined && !fits(subject, certificate.subject)) return false;
  return Object.entries(claims).every(([name, spec]) => fits(spec, certificate.claims?.[name]));
}

function fits(spec: TextSpec, text: string | undefined): boolean {
  if (text === undefined) return false;
  if ('exact' in spec) return spec.exact === text;
  if ('glob' in spec) return matchesWildcard(spec.glob, text);
  if ('all' in spec) return spec.all.every((each) => fits(each, text));
  if ('search' in spec) return RE2JS.compile(spec.search).matcher(text).find();
  return RE2JS.compile(spec.regex).testExact(text);
}

/** A new public key in PEM. */
export function newPublicKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
}

/** An attestor set of keys, all of which must sign unless it says how many. */
export function keySet(keys: readonly string[], count?: number): AttestorSet {
  const entries = keys.map((publicKeys) => ({ keys: { publicKeys } }));
  return count === undefined ? { entries } : { count, entries };
}
