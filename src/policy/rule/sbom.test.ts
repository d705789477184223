import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOne, known } from '../../../testing/policy/make-evidence.ts';
import { parseDigest } from '../../oci/digest.ts';
import type { BySigner, Gathered, SbomFacts, SignatureCheck } from '../evidence.ts';
import type { SbomRule } from '../model.ts';
import type { Outcome } from '../verdict.ts';

const base: SbomRule = { kind: 'sbom', name: 'b', action: 'deny' };
const signed: Partial<SbomRule> = { signers: ['ci', 'release'] };
const good: Gathered<SignatureCheck> = known({ verified: true, by: ['k1'] });
const bad: Gathered<SignatureCheck> = known({ verified: false, why: 'x' });

function documents(
  ...list: (readonly [format: string, signatures: BySigner<SignatureCheck>])[]
): Gathered<SbomFacts[]> {
  return known(
    list.map(([format, signatures], index) => ({
      format,
      digest: parseDigest(`sha256:${String(index).repeat(64)}`),
      signatures,
    })),
  );
}

const cases: readonly (readonly [
  what: string,
  rule: Partial<SbomRule>,
  sbom: Gathered<readonly SbomFacts[]> | undefined,
  outcome: Outcome,
  sentence?: RegExp,
])[] = [
  ['any document', {}, documents(['spdx', {}]), 'passed'],
  ['no document', {}, documents(), 'violated', /it has no bill of materials/],
  ['none', {}, { state: 'absent', at: 0 }, 'violated', /it has no bill of materials/],
  ['one that is being made', {}, { state: 'pending' }, 'undecided', /its bill of materials is still/],
  ['what was not gathered', {}, undefined, 'undecided'],
  ['what could not be asked', {}, { state: 'unavailable', reason: 'away' }, 'undecided'],
  ['its format', { formats: ['spdx'] }, documents(['spdx', {}]), 'passed'],
  ['another format', { formats: ['spdx'] }, documents(['cyclonedx', {}]), 'violated', /its format is another/],
  ['one of two formats', { formats: ['spdx'] }, documents(['cyclonedx', {}], ['spdx', {}]), 'passed'],
  ['a signer', signed, documents(['spdx', { ci: bad, release: good }]), 'passed'],
  ['no signer', signed, documents(['spdx', { ci: bad, release: bad }]), 'violated', /nobody signed it who may/],
  ['no signature', signed, documents(['spdx', { ci: { state: 'absent', at: 0 }, release: bad }]), 'violated'],
  [
    'a signer who was not looked for',
    signed,
    documents(['spdx', { ci: bad }]),
    'undecided',
    /of release was not looked for/,
  ],
  ['a signer who is pending', signed, documents(['spdx', { ci: { state: 'pending' }, release: bad }]), 'undecided'],
  [
    'a signer of a document of another format',
    { ...signed, formats: ['spdx'] },
    documents(['cyclonedx', { ci: good }], ['spdx', { ci: bad, release: bad }]),
    'violated',
  ],
  [
    'a signer of another document while one is pending',
    signed,
    documents(['spdx', { ci: { state: 'pending' } }], ['spdx', { ci: good }]),
    'passed',
  ],
];

for (const [what, rule, sbom, outcome, sentence] of cases) {
  test(`a rule about bills of materials is ${outcome} by ${what}`, () => {
    const verdict = judgeOne({ ...base, ...rule }, sbom === undefined ? {} : { sbom });
    assert.equal(verdict.outcome, outcome);
    if (sentence !== undefined) assert.match(verdict.sentence, sentence);
  });
}
