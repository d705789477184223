import assert from 'node:assert/strict';
import { formatMistake } from '../../src/codec/yaml/mistake.ts';
import type { Policy } from '../../src/policy/model.ts';
import { readPolicy } from '../../src/policy/seaworthy/read-policy.ts';

/** A document with a spec, whose lines begin on line 4. */
export function documentOf(spec: string): string {
  const lines = spec.split('\n').map((line) => `  ${line}`);
  return ['apiVersion: seaworthy.dev/v1alpha1', 'kind: Policy', 'spec:', ...lines, ''].join('\n');
}

/** The policy of some texts, which are files of the folder `/policies`. */
export async function policyOf(...texts: readonly string[]): Promise<Policy> {
  const reading = await readPolicy(texts.map((text, index) => ({ file: `/policies/${index}.yaml`, text })));
  assert.deepEqual(
    reading.mistakes?.map((mistake) => formatMistake(mistake.file, mistake)),
    undefined,
  );
  assert.ok(reading.policy !== undefined);
  return reading.policy;
}

/** What is wrong with some texts, named by their numbers, as `policy lint` says it. */
export async function mistakesOf(...texts: readonly string[]): Promise<string[]> {
  const { mistakes = [] } = await readPolicy(texts.map((text, index) => ({ file: `${index}`, text })));
  return mistakes.map((mistake) => formatMistake(mistake.file, mistake));
}
