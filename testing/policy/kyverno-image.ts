import assert from 'node:assert/strict';
import { formatMistake } from '../../src/codec/yaml/mistake.ts';
import { usualNaming } from '../../src/policy/kyverno/image-name.ts';
import { strictStyle } from '../../src/policy/kyverno/style.ts';
import { compileKyvernoImages, type CompiledKyvernoImages } from '../../src/policy/kyverno-image/compile.ts';
import { readKyvernoImagePolicies } from '../../src/policy/kyverno-image/document/read-documents.ts';
import type { ResourceSubject } from '../../src/policy/resource/model.ts';
import { judgeTestObject, podOf, type TestGate, type TestImage, type TestVerdict } from './judge-object.ts';
import type { KyvernoImageSettings } from '../../src/policy/kyverno-image/settings.ts';

/** Reads and compiles Kyverno's policies in CEL in a text. */
export async function compileImages(
  text: string,
  settings: Partial<KyvernoImageSettings> = {},
): Promise<CompiledKyvernoImages> {
  const usual = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };
  return compileKyvernoImages([await readKyvernoImagePolicies(text)], { ...usual, ...settings });
}

/** Parts of a policy's spec, in YAML. Those that are left out are as in {@link imagePolicy}. */
export type SpecParts = Readonly<Record<string, string>>;

const usualParts: SpecParts = {
  matchConstraints:
    '{resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}]}',
  attestors: '[{name: release, cosign: {keyless: {identities: [{issuer: https://issuer, subject: me}]}}}]',
  validations:
    '[{expression: "images.containers.all(image, verifyImageSignatures(image, [attestors.release]) > 0)", message: not signed}]',
};

/** A policy about pods whose images must be signed by `release`, with some parts in place of others; an empty one is left out. */
export function imagePolicy(
  parts: SpecParts = {},
  kind = 'ImageValidatingPolicy',
  metadata = '{name: signed}',
): string {
  const lines = Object.entries({ ...usualParts, ...parts }).flatMap(([name, yaml]) =>
    yaml === '' ? [] : [`  ${name}: ${yaml}`],
  );
  return `apiVersion: policies.kyverno.io/v1\nkind: ${kind}\nmetadata: ${metadata}\nspec:\n${lines.join('\n')}\n`;
}

/** The image of the pod that policies of tests are asked about. */
export const testImage = 'ghcr.io/org/app:1';

/** An image that `release` signed. */
export const signedImage: TestImage = { signedBy: ['release'] };

/** What surrounds an object, and how policies are compiled. */
export interface AskedImages extends TestGate {
  readonly subject?: ResourceSubject;
  readonly settings?: Partial<KyvernoImageSettings>;
  readonly more?: string;
  readonly kind?: string;
  readonly metadata?: string;
}

/** Judges a pod, or another object, by a policy of {@link imagePolicy}; unless it is said otherwise, `release` signed its image. */
export async function judgeImages(
  parts: SpecParts = {},
  { subject, settings, more = '', kind, metadata, ...gate }: AskedImages = {},
): Promise<TestVerdict & { readonly allowed: boolean; readonly message: string }> {
  const compiled = await compileImages(`${imagePolicy(parts, kind, metadata)}${more}`, settings);
  assert.deepEqual(imageMistakesOf(compiled), []);
  const answer = judgeTestObject(compiled.policies, subject ?? podOf([testImage]), {
    images: { [testImage]: signedImage },
    ...gate,
  });
  return {
    ...answer,
    allowed: answer.verdict.allowed,
    message: answer.verdict.results.map(({ message }) => message).join(),
  };
}

/** A policy with one validation. */
export function expression(text: string): SpecParts {
  return { validations: `[{expression: ${JSON.stringify(text)}}]` };
}

/** The mistakes of a text, as they are told. */
export function imageMistakesOf({ mistakes }: CompiledKyvernoImages): readonly string[] {
  return mistakes.map((mistake) => formatMistake('', mistake).slice(1));
}
