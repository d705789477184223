import assert from 'node:assert/strict';
import test from 'node:test';
import { keptVerdict } from '../../../testing/admission/kept-verdicts.ts';
import type { KeptVerdict } from './model.ts';
import { openVerdict, sealVerdict, type SealedVerdict } from './seal.ts';

const key = Buffer.alloc(32, 1);
const kept = keptVerdict('app');

function sealed(one: unknown = kept, by: Uint8Array = key): SealedVerdict {
  const made = sealVerdict(one as KeptVerdict, by);
  assert.ok(made);
  return made;
}

test('a verdict that was sealed opens as it was', () => {
  assert.deepEqual(openVerdict(sealed(), key), kept);
});

const refused: readonly (readonly [what: string, SealedVerdict])[] = [
  ['another key', sealed(kept, Buffer.alloc(32, 2))],
  ['another content', { ...sealed(), content: sealed().content.replace(String(kept.until), String(kept.until + 1)) }],
  ['no seal', { ...sealed(), seal: '' }],
  ['a seal of another length', { ...sealed(), seal: sealed().seal.slice(2) }],
  ['what could not be told', sealed({ ...kept, verdict: { ...kept.verdict, decision: 'undecided' } })],
  ['no digest', sealed({ ...kept, digest: 'latest' })],
  ['no end', sealed({ ...kept, until: Number.POSITIVE_INFINITY })],
  ['no object', sealed(null)],
];

for (const [what, one] of refused) {
  test(`a verdict is not opened with ${what}`, () => assert.equal(openVerdict(one, key), undefined));
}

test('a denial is opened, since it ends what was allowed before', () => {
  const denied = { ...kept, verdict: { ...kept.verdict, decision: 'deny' } };
  assert.deepEqual(openVerdict(sealed(denied), key), denied);
});

test('a verdict that is too long is not written down', () => {
  assert.equal(sealVerdict({ ...kept, image: 'a'.repeat(300_000) }, key), undefined);
});
