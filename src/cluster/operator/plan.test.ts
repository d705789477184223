import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../../testing/kubernetes/cluster/objects.ts';
import type { Digest } from '../../oci/digest.ts';
import { type FoundInImage, imageKey, type ReportTarget } from './model.ts';
import { makePlan, type PlanFacts } from './plan.ts';
import type { KnownReport } from './report/known-reports.ts';
import { vulnerabilityFingerprint } from './report/vulnerability-report.ts';
import { ImageBook } from './scan/image-book.ts';

const day = 86_400_000;
const now = 1_770_000_000_000;
const scanner = { version: '1' };
const digest = digestOf(1) as Digest;
const image = imageKey(digest, 'linux/amd64');
const counts = { UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 1 };
const found: FoundInImage = { revision: 'r', builtAt: 5, checkedAt: now - 1000, counts, os: undefined };

function target(namespace: string): ReportTarget {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: namespace };
  const reference = { registry: 'r.test', repository: 'app', tag: '1' };
  return { namespace, name: 'pod-a-app', owner, container: 'app', reference, image, digest, specHash: 's' };
}

const targets = new Map(['a', 'b'].map((name) => [`${name}/pod-a-app`, target(name)] as const));
const wanted = { targets, images: new Map([[image, { key: image, digest, platform: 'linux/amd64', places: [] }]]) };

function report(namespace: string, of: FoundInImage): KnownReport {
  const fingerprint = vulnerabilityFingerprint(target(namespace), of, scanner);
  return { isOwn: true, fingerprint, image, checkedAt: of.checkedAt, found: of, owner: { kind: 'Pod' }, uid: 'u' };
}

/** What is to be done, in short. */
function plan(reports: Readonly<Record<string, KnownReport>>, changes: Partial<PlanFacts> = {}): string {
  const { looks, reports: writes } = makePlan({
    wanted,
    book: new ImageBook(),
    reports: new Map(Object.entries(reports).map(([name, each]) => [`${name}/pod-a-app`, each])),
    scanSignature: 's',
    scanner,
    builtAt: 5,
    now,
    age: day,
    ...changes,
  });
  return `look ${looks.length}, write ${writes.join()}`;
}

const book = (of: FoundInImage): ImageBook => {
  const made = new ImageBook();
  made.put(image, of);
  return made;
};
const failed = new ImageBook();
failed.fail(image, 'X', now - 1000, { isPermanent: false, age: day });

const cases: readonly (readonly [what: string, found: string, expected: string])[] = [
  ['nothing is known', plan({}), 'look 1, write '],
  ['all reports say the same', plan({ a: report('a', found), b: report('b', found) }), 'look 0, write '],
  ['one is missing', plan({ a: report('a', found) }), 'look 0, write b/pod-a-app'],
  [
    'one says something else than the others, as whoever may change it may have it say',
    plan({ a: report('a', { ...found, counts: { ...counts, CRITICAL: 0 }, revision: 'x' }), b: report('b', found) }),
    'look 1, write ',
  ],
  ['they are of another database', plan({ a: report('a', { ...found, builtAt: 4 }) }), 'look 1, write '],
  ['there is no database', plan({}, { builtAt: undefined }), 'look 0, write '],
  [
    'they are old',
    plan({ a: report('a', { ...found, checkedAt: now - day }), b: report('b', { ...found, checkedAt: now - day }) }),
    'look 1, write ',
  ],
  [
    'what was looked up again says the same as a report that is old',
    plan({ a: report('a', { ...found, checkedAt: now - day - 1000 }), b: report('b', found) }, { book: book(found) }),
    'look 0, write a/pod-a-app',
  ],
  ['it could not be looked at a moment ago', plan({}, { book: failed }), 'look 0, write '],
  ['that was long ago', plan({}, { book: failed, now: now + day }), 'look 1, write '],
];
for (const [what, actual, expected] of cases) {
  test(`makePlan() where ${what}`, () => {
    assert.equal(actual, expected);
  });
}

test('an image whose findings are not at hand is looked at once more, whatever its reports say', () => {
  const missing = book(found);
  missing.miss(image);
  assert.equal(plan({ a: report('a', found) }, { book: missing }), 'look 1, write b/pod-a-app');
});

test('failures are waited out, longer each time, and those for good until all is looked up again', () => {
  const own = new ImageBook();
  const waits = [1, 2, 3].map(() => {
    own.fail(image, 'X', now, { isPermanent: false, age: day });
    return (own.failure(image)?.until ?? 0) - now;
  });
  assert.deepEqual(waits, [30_000, 60_000, 120_000]);
  own.fail(image, 'NOT_AN_IMAGE', now, { isPermanent: true, age: day });
  assert.equal((own.failure(image)?.until ?? 0) - now, day);
});
