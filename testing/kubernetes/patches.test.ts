import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch, PatchFailure } from './json-patch.ts';
import { mergePatch, strategicMergePatch } from './merge-patch.ts';

/** Document, operations, result; undefined where it must fail (RFC 6902, appendix A, and its clauses). */
const jsonCases: readonly (readonly [unknown, readonly object[], unknown])[] = [
  [{ a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/3', value: 2 }], undefined],
  [{ a: [1] }, [{ op: 'add', path: '/a/01', value: 2 }], undefined],
  [{ a: 1 }, [{ op: 'add', path: '/b/c', value: 2 }], undefined],
  [{ a: 1 }, [{ op: 'add', path: '', value: 2 }], 2],
  [{ a: 1, b: 2 }, [{ op: 'remove', path: '/b' }], { a: 1 }],
  [{ a: 1 }, [{ op: 'remove', path: '/b' }], undefined],
  [{ a: [1, 2, 3] }, [{ op: 'remove', path: '/a/1' }], { a: [1, 3] }],
  [{ a: 1 }, [{ op: 'replace', path: '/a', value: null }], { a: null }],
  [{ a: 1 }, [{ op: 'replace', path: '/b', value: 1 }], undefined],
  [{ a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }], { a: {}, c: { d: 1 } }],
  [{ a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/c' }], undefined],
  [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  [{ a: [1, { b: 2 }] }, [{ op: 'test', path: '/a', value: [1, { b: 2 }] }], { a: [1, { b: 2 }] }],
  [{ a: '10' }, [{ op: 'test', path: '/a', value: 10 }], undefined],
  [
    { 'a/b': 1, 'c~d': 2 },
    [
      { op: 'remove', path: '/a~1b' },
      { op: 'replace', path: '/c~0d', value: 3 },
    ],
    { 'c~d': 3 },
  ],
  [
    { a: 1 },
    [
      { op: 'remove', path: '/a' },
      { op: 'test', path: '/b', value: 1 },
    ],
    undefined,
  ],
  [{ a: 1 }, [{ op: 'add', path: '/b' }], undefined],
  [{ a: 1 }, [{ op: 'add', path: 'b', value: 1 }], undefined],
  [{ a: 1 }, [{ op: 'grow', path: '/b' }], undefined],
  [{}, [{ op: 'remove', path: '/toString' }], undefined],
];

test('applyJsonPatch() does what RFC 6902 says, or nothing', () => {
  for (const [document, operations, expected] of jsonCases) {
    const before = structuredClone(document);
    const what = JSON.stringify([document, operations]);
    if (expected === undefined) assert.throws(() => applyJsonPatch(document, operations), PatchFailure, what);
    else assert.deepEqual(applyJsonPatch(document, operations), expected, what);
    assert.deepEqual(document, before);
  }
  assert.throws(() => applyJsonPatch({}, {}), PatchFailure);
  const named = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { x: 1 } }]);
  assert.deepEqual(Object.keys(named as object), ['__proto__']);
});

test('mergePatch() does what RFC 7396 says', () => {
  for (const [document, patch, expected] of [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a', 'b'], ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]) {
    assert.deepEqual(mergePatch(document, patch), expected, JSON.stringify([document, patch]));
  }
});

test('strategicMergePatch() merges lists by the names of what is in them', () => {
  const before = { list: [{ name: 'a', x: 1 }, { name: 'b' }], plain: [1] };
  const patch = { list: [{ name: 'a', y: 2 }, { name: 'b', $patch: 'delete' }, { name: 'c' }], plain: [2] };
  assert.deepEqual(strategicMergePatch(before, patch), {
    list: [{ name: 'a', x: 1, y: 2 }, { name: 'c' }],
    plain: [2],
  });
});
