import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { JsonValue } from '../../src/lang/jmespath/value.ts';
import { type ConversionSettings, convertTexts } from '../../src/policy/convert/convert-texts.ts';
import { policiesAsYaml } from '../../src/policy/convert/write/text.ts';
import { compileTexts } from '../../src/policy/dialects/compile-texts.ts';
import type { DialectSettings } from '../../src/policy/dialects/model.ts';
import { usualNaming } from '../../src/policy/kyverno/image-name.ts';
import { strictStyle } from '../../src/policy/kyverno/style.ts';
import type { ResourcePolicy } from '../../src/policy/resource/policy.ts';
import { essence, judgeIn, worlds } from './judge-alike.ts';

const settings: DialectSettings = {
  kyverno: { style: strictStyle, naming: usualNaming, namespace: 'kyverno', exceptionNamespace: 'excepted' },
};
/** Nothing is written in part. */
export const usualConversion: ConversionSettings = { partial: false, fileName: (path: string) => path };

/** The same, with who answers for exceptions; they last longer than the worlds in which objects are judged. */
const answering: ConversionSettings = {
  ...usualConversion,
  exceptions: { owner: 'team@example.com', reason: 'it is being replaced', until: Date.parse('2027-01-01') },
};

/** The policies of a text, and those that it is converted into. */
async function bothOf(text: string): Promise<readonly [readonly ResourcePolicy[], readonly ResourcePolicy[]]> {
  const converted = await convertTexts([{ file: '/p.yaml', text }], answering);
  assert.deepEqual([converted.mistakes, converted.unsaid], [[], []]);
  assert.equal(converted.counts.partly + converted.counts.not, 0);
  const compiled = await Promise.all(
    [text, await policiesAsYaml(converted.policies)].map((each) =>
      compileTexts([{ file: '/p.yaml', text: each }], settings),
    ),
  );
  const [before, after] = compiled.map(({ policies, mistakes }) => {
    assert.deepEqual(mistakes, []);
    return policies;
  });
  assert.ok((after?.length ?? 0) > 0);
  return [before ?? [], after ?? []];
}

const images = [
  'ghcr.io/org/app',
  'ghcr.io/org/team/db',
  'ghcr.io/org-evil/app',
  'nginx',
  'index.docker.io/library/nginx',
  'GHCR.io/org/app',
  'registry.example.com:5000/a',
];

const predicates: readonly JsonValue[] = [
  { ok: true, count: 0, list: [{ name: 'a', version: '1.5' }], metadata: { scanFinishedOn: '2026-05-30T00:00:00Z' } },
  { ok: 'true', count: '0', list: [], metadata: { scanFinishedOn: '2026-04-30T00:00:00Z' } },
  {
    ok: false,
    list: [{ name: 'b', version: '2' }],
    builder: { id: 'x' },
    bomFormat: 'CycloneDX',
    Data: { bomFormat: 'CycloneDX' },
  },
  {},
  'no object',
];

/** In what worlds policies are compared, and what of verdicts. */
export interface Compared {
  /** Lists of containers that objects have; policies in CEL may be about some of them alone. */
  readonly groups?: Parameters<typeof worlds>[1];
  readonly names?: readonly string[];
  /** Of the objects; some that run pods when left out. */
  readonly kinds?: Parameters<typeof worlds>[2];
  readonly runs?: number;
  /** Draws the objects that were once judged differently; any where it is left out. */
  readonly seed?: number;
  /** Everything can be looked at. */
  readonly sure?: boolean;
  /** Whether digests are put in does not count. */
  readonly anyDigests?: boolean;
}

/** Has the policies of a text and those that it is converted into judge the same objects. */
export async function judgesAlike(text: string, compared: Compared = {}): Promise<void> {
  const { groups, kinds, names = images, runs = 30, seed, sure = false, anyDigests = false } = compared;
  const [before, after] = await bothOf(text);
  const seen = new Set<string>();
  const property = fc.property(worlds(names, groups, kinds), (world) => {
    const [expected, found] = [before, after].map((policies) => {
      const told = essence(judgeIn({ ...world, sure }, policies, predicates));
      return anyDigests ? { ...told, put: [] } : told;
    });
    seen.add(JSON.stringify(expected));
    assert.deepEqual(found, expected);
  });
  fc.assert(property, { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  // Few objects are what some policies are about.
  if (seen.size === 1) fc.assert(property, { numRuns: 500 });
  assert.ok(seen.size > 1, 'every object is judged alike, so that nothing was tried');
}
