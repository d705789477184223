import assert from 'node:assert/strict';
import { formatMistake } from '../../src/codec/yaml/mistake.ts';
import type { JsonValue } from '../../src/lang/jmespath/value.ts';
import type { Gathered } from '../../src/policy/evidence.ts';
import { type CompiledKyvernoPolicies, compileKyvernoPolicies } from '../../src/policy/kyverno/compile.ts';
import { readKyvernoPolicies } from '../../src/policy/kyverno/document/read-documents.ts';
import type { KyvernoSettings } from '../../src/policy/kyverno/rule/model.ts';
import { evaluateResource } from '../../src/policy/resource/evaluate-resource.ts';
import type { ResourceSubject } from '../../src/policy/resource/model.ts';
import type { ImageAnswer, ResourceInput, ResourcePolicy } from '../../src/policy/resource/policy.ts';
import type { ResourceVerdict } from '../../src/policy/resource/verdict.ts';
import { imageAnswer, kyvernoSettings } from './verify-images.ts';

/** Entries of `verifyImages` that every image passes whose name has `signed` in it, and no other. */
export const signedByTester: string =
  'verifyImages: [{imageReferences: ["*"], mutateDigest: false, verifyDigest: false, attestors: [{entries: [{keyless: ' +
  '{subject: tester, issuer: "https://issuer.example", rekor: {url: "https://rekor.example"}}}]}]}]';

const signature = { certificate: { subject: 'tester', issuer: 'https://issuer.example' } };

/** Compiles the policies in a text, in which nothing may be wrong. */
export async function kyvernoPolicies(
  text: string,
  settings: Partial<KyvernoSettings> = {},
): Promise<readonly ResourcePolicy[]> {
  const { policies, mistakes } = await compiledKyverno(text, settings);
  assert.deepEqual(
    mistakes.map((mistake) => formatMistake('policy', mistake)),
    [],
  );
  return policies;
}

/** Compiles the policies in a text. */
export async function compiledKyverno(
  text: string,
  settings: Partial<KyvernoSettings> = {},
): Promise<CompiledKyvernoPolicies> {
  return compileKyvernoPolicies([await readKyvernoPolicies(text)], kyvernoSettings(settings));
}

/** What is wrong with the policies in a text: `line:column: path: sentence`. */
export async function kyvernoMistakes(
  text: string,
  settings: Partial<KyvernoSettings> = {},
): Promise<readonly string[]> {
  const { mistakes } = await compiledKyverno(text, settings);
  return mistakes.map((mistake) => formatMistake('', mistake).slice(1));
}

/** A policy with one rule about pods. @param rule further fields of it */
export function policyThatValidates(validate: string, rule: string = ''): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: rules, annotations: {pod-policies.kyverno.io/autogen-controllers: none}}
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: {any: [{resources: {kinds: [Pod]}}]}
${rule === '' ? '' : indented(rule, 6)}
      validate:
${indented(validate, 8)}
`;
}

function indented(text: string, by: number): string {
  return text
    .trim()
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}

const groups: Readonly<Record<string, readonly [group: string, version: string]>> = {
  Deployment: ['apps', 'v1'],
  StatefulSet: ['apps', 'v1'],
  Job: ['batch', 'v1'],
  CronJob: ['batch', 'v1'],
};

/** An object that is created, by its kind and what it is. */
export function subjectOf(kind: string, object: object, more: Partial<ResourceSubject> = {}): ResourceSubject {
  const [group, version] = groups[kind] ?? ['', 'v1'];
  return {
    operation: 'CREATE',
    group,
    version,
    kind,
    subresource: '',
    namespace: 'shop',
    name: 'web',
    object: { apiVersion: group === '' ? version : `${group}/${version}`, kind, ...object },
    user: { username: 'alice', groups: ['devs'] },
    ...more,
  };
}

/** What is there to be looked up, by the keys that are asked for. */
export type LookupTable = Readonly<Record<string, JsonValue | Gathered<JsonValue> | undefined>>;

/** What came of judging an object, and what was looked up for it, in order. */
export interface Judged {
  readonly verdict: ResourceVerdict;
  readonly asked: readonly string[];
}

/** Judges an object as a gate does: asks, looks up what is needed, and asks again. What the table has not is absent. */
export function judgedBy(
  policies: readonly ResourcePolicy[],
  subject: ResourceSubject,
  table: LookupTable = {},
  now: number = Date.parse('2026-11-27T12:00:00Z'),
): Judged {
  const lookups = new Map<string, Gathered<JsonValue>>();
  const images = new Map<string, Gathered<ImageAnswer>>();
  const asked: string[] = [];
  for (let round = 0; round < 100; round += 1) {
    const input: ResourceInput = { subject, now, pins: true, lookups, images };
    const { verdict, needs } = evaluateResource(policies, input);
    if (verdict !== undefined) return { verdict, asked };
    for (const { key } of needs.lookups) {
      assert.ok(!lookups.has(key), `asked again for ${key}`);
      asked.push(key);
      lookups.set(key, answerOf(key, table, now));
    }
    for (const check of needs.images) {
      const isSigned = /(?<!un)signed/.test(check.reference);
      images.set(check.key, imageAnswer(check, isSigned ? { signatures: [signature] } : {}, true));
    }
  }
  return assert.fail('it never ends');
}

function answerOf(key: string, table: LookupTable, now: number): Gathered<JsonValue> {
  const found = table[key];
  if (found === undefined) return { state: 'absent', at: now };
  if (found !== null && typeof found === 'object' && 'state' in found) return found as Gathered<JsonValue>;
  return { state: 'known', value: found, at: now };
}
