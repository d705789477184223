import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import { imagesOfPods } from '../../policy/resource/images.ts';
import { AdmissionError } from '../error.ts';
import { buildPatch, type JsonPatch, type WantedChanges } from './json-patch.ts';
import { formatPointer, parsePointer } from './json-pointer.ts';

/** Applies a patch as RFC 6902 says, so far as it is used here. Nothing of it is shared with what builds patches. */
function applyPatch(object: JsonObject, patch: JsonPatch): JsonObject {
  const copy = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
  for (const { op, path, value } of patch) {
    assert.ok(path.startsWith('/'), path);
    const names = path.split('/').slice(1);
    let at = copy;
    const plain = names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = plain.pop() as string;
    for (const name of plain) {
      assert.ok(Object.hasOwn(at, name), `${op} ${path}: ${name} is not there`);
      at = at[name] as Record<string, unknown>;
      assert.ok(typeof at === 'object' && at !== null, `${op} ${path}`);
    }
    if (op !== 'add') assert.ok(Object.hasOwn(at, last), `${op} ${path} is not there`);
    if (op === 'test') assert.deepEqual(at[last], value, `${path} is not what was tested for`);
    else if (Array.isArray(at)) {
      assert.equal(op, 'replace', 'lists keep their length');
      at[Number(last)] = value;
    } else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
  }
  return copy as JsonObject;
}

const pod: JsonObject = {
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    containers: [
      { name: 'a', image: 'nginx:1' },
      { name: 'b', image: 'redis' },
    ],
    initContainers: null,
  },
};

const cases: readonly (readonly [what: string, object: JsonObject, wanted: WantedChanges, patch: JsonPatch])[] = [
  ['nothing', pod, {}, []],
  [
    'an annotation where there are none, before values',
    pod,
    { annotations: { 'a/b~c': '1' }, values: [{ pointer: '/spec/containers/0/image', value: 'nginx@sha256:1' }] },
    [
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/a~1b~0c', value: '1' },
      { op: 'test', path: '/spec/containers/0/image', value: 'nginx:1' },
      { op: 'replace', path: '/spec/containers/0/image', value: 'nginx@sha256:1' },
    ],
  ],
  [
    'annotations that are null',
    { metadata: { annotations: null } },
    { annotations: { a: '1' } },
    [
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/a', value: '1' },
    ],
  ],
  [
    'no metadata',
    {},
    { annotations: { a: '1' } },
    [
      { op: 'add', path: '/metadata', value: {} },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/a', value: '1' },
    ],
  ],
  [
    'an annotation beside others, and one that says something else',
    { metadata: { annotations: { kept: 'x', forged: 'pass', same: '1' } } },
    { annotations: { forged: 'fail', same: '1' } },
    [{ op: 'add', path: '/metadata/annotations/forged', value: 'fail' }],
  ],
  [
    'a member that is absent',
    pod,
    { values: [{ pointer: '/spec/containers/1/x', value: 'y' }] },
    [{ op: 'add', path: '/spec/containers/1/x', value: 'y' }],
  ],
  ['a value that is there', pod, { values: [{ pointer: '/spec/containers/1/image', value: 'redis' }] }, []],
  [
    'one value twice',
    pod,
    { values: ['x', 'x'].map((value) => ({ pointer: '/metadata/name', value })) },
    [
      { op: 'test', path: '/metadata/name', value: 'web' },
      { op: 'replace', path: '/metadata/name', value: 'x' },
    ],
  ],
];

for (const [what, object, wanted, patch] of cases) {
  test(`buildPatch() makes a patch of ${what}`, () => {
    assert.deepEqual(buildPatch(object, wanted), patch);
    applyPatch(object, patch);
  });
}

const impossible: readonly (readonly [what: string, wanted: WantedChanges, object?: JsonObject])[] = [
  ['no pointer', { values: [{ pointer: 'spec', value: 'x' }] }],
  ['a wrong escape', { values: [{ pointer: '/a~2', value: 'x' }] }],
  ['the whole', { values: [{ pointer: '', value: 'x' }] }],
  ['a list past its end', { values: [{ pointer: '/spec/containers/2', value: 'x' }] }],
  ['the end of a list', { values: [{ pointer: '/spec/containers/-', value: 'x' }] }],
  ['a number with a zero before it', { values: [{ pointer: '/spec/containers/00/image', value: 'x' }] }],
  ['a place within a text', { values: [{ pointer: '/kind/0', value: 'x' }] }],
  ['a place below what is absent', { values: [{ pointer: '/spec/volumes/0/image', value: 'x' }] }],
  ['a place below null', { values: [{ pointer: '/spec/initContainers/0/image', value: 'x' }] }],
  ['what every object has', { values: [{ pointer: '/constructor/name', value: 'x' }] }],
  ['an object', { values: [{ pointer: '/spec', value: 'x' }] }],
  ['two values for one place', { values: ['x', 'y'].map((value) => ({ pointer: '/metadata/name', value })) }],
  ['annotations that are a list', { annotations: { a: '1' } }, { metadata: { annotations: [] } }],
  ['metadata that is a text', { annotations: { a: '1' } }, { metadata: 'x' }],
];

for (const [what, wanted, object = pod] of impossible) {
  test(`buildPatch() does not patch ${what}`, () => {
    assert.throws(() => buildPatch(object, wanted), { name: 'AdmissionError', code: 'PATCH_IMPOSSIBLE' });
  });
}

test('a patch of an object whose parts moved changes nothing', () => {
  const patch = buildPatch(pod, { values: [{ pointer: '/spec/containers/0/image', value: 'nginx@sha256:1' }] });
  const { spec } = pod as { spec: { containers: JsonValue[] } };
  const moved = { ...pod, spec: { ...spec, containers: spec.containers.toReversed() } } as JsonObject;
  assert.throws(() => applyPatch(moved, patch), /tested for/);
});

test('parsePointer() and formatPointer() undo each other', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('~', '/', '~1', '', '0'))), (names) => {
      assert.deepEqual(parsePointer(formatPointer(names)), names);
    }),
  );
});

const word = fc.oneof(fc.constantFrom('a', 'b', '~', '/', '0', '', '__proto__', 'image', 'toString'), fc.string());
const containers = fc.array(
  fc.record({ name: word, image: word, args: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 2 }) }),
  { maxLength: 4 },
);
const annotations = fc.dictionary(word, word, { maxKeys: 4 });
const objects = fc.record(
  {
    metadata: fc.option(fc.record({ name: word, annotations: fc.option(annotations) }, { requiredKeys: [] })),
    spec: fc.record({ containers, initContainers: containers, other: fc.jsonValue() }),
  },
  { requiredKeys: ['spec'] },
) as fc.Arbitrary<JsonObject>;

/** All texts of an object, by their places. */
function texts(value: JsonValue, names: readonly string[] = []): string[] {
  if (typeof value === 'string') return [formatPointer(names)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => texts(each, [...names, name]));
}

/** Sets a value in a copy, by a way of its own. */
function withText(object: JsonObject, pointer: string, text: string): JsonObject {
  const names = parsePointer(pointer) as string[];
  const set = (value: unknown, depth: number): unknown => {
    if (depth === names.length) return text;
    const entries = Object.entries(value as object).map(([name, each]) =>
      name === names[depth] ? [name, set(each, depth + 1)] : [name, each],
    );
    return Array.isArray(value) ? entries.map(([, each]) => each as unknown) : Object.fromEntries(entries);
  };
  return set(object, 0) as JsonObject;
}

test('a patch gives what is wanted, changes nothing else, and is not needed twice', () => {
  const changes = fc.record({ annotations, picks: fc.array(fc.tuple(fc.nat(), word), { maxLength: 6 }) });
  fc.assert(
    fc.property(objects, changes, (object, { annotations, picks }) => {
      const places = texts({ spec: object['spec'] as JsonValue });
      const chosen = places.length === 0 ? [] : picks.map(([at, text]) => [places[at % places.length], text] as const);
      const values = [...new Map(chosen)].map(([pointer, value]) => ({ pointer: pointer as string, value }));
      const wanted = { annotations, values };
      const patched = applyPatch(object, buildPatch(object, wanted));

      let expected = object;
      for (const { pointer, value } of values) expected = withText(expected, pointer, value);
      if (Object.keys(annotations).length > 0) {
        const metadata = (object['metadata'] ?? {}) as Record<string, JsonObject | null>;
        const all = Object.fromEntries([
          ...Object.entries(metadata['annotations'] ?? {}),
          ...Object.entries(annotations),
        ]);
        expected = { ...expected, metadata: { ...metadata, annotations: all } };
      }
      assert.equal(sorted(patched), sorted(expected));
      assert.deepEqual(buildPatch(patched, wanted), []);
    }),
    { numRuns: 300 },
  );
});

/** Names in one order, `__proto__` too, which deepEqual() would not see. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : each,
  );
}

test('pinning what a Pod runs is a patch of its images alone', () => {
  const { images } = imagesOfPods({ group: '', kind: 'Pod', object: pod });
  const values = images.map(({ pointer, image }) => ({ pointer, value: `${image}@sha256:${'0'.repeat(64)}` }));
  const patched = applyPatch(pod, buildPatch(pod, { values }));
  const again = imagesOfPods({ group: '', kind: 'Pod', object: patched }).images.map(({ image }) => image);
  assert.deepEqual(
    again,
    values.map(({ value }) => value),
  );
});

test('buildPatch() bounds how much one patch sets', () => {
  const values = Array.from({ length: 10_001 }, () => ({ pointer: '/kind', value: 'x' }));
  assert.throws(() => buildPatch(pod, { values }), AdmissionError);
});
