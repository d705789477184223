import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { listEntries } from '../../../testing/image/table-layer.ts';
import { directory, file, symlink } from '../../../testing/image/tar-writer.ts';
import { CodecError } from '../../codec/error.ts';
import { limits } from './limits.ts';
import { parseTable } from './parse-table.ts';

const listed = listEntries([directory('a/'), file('./a/b', 'x'.repeat(25)), symlink('c', 'a/b')], 10);
const json = JSON.stringify({ version: 1, entries: listed, tarSplitDigest: 'sha256:0' });

function read(text: string): ReturnType<typeof parseTable>['entries'] {
  return parseTable(Buffer.from(text), 'estargz').entries;
}

test('parseTable() gives clean names, kinds and pieces', () => {
  const [folder, one, link] = read(json);
  assert.deepEqual([folder?.path, folder?.kind, folder?.mode], ['a', 'directory', 0o755]);
  assert.deepEqual([one?.path, one?.size, one?.chunks?.map(({ size }) => size)], ['a/b', 25, [10, 10, 5]]);
  assert.deepEqual([link?.path, link?.kind, link?.linkName], ['c', 'symlink', 'a/b']);
});

const same: readonly (readonly [string, string])[] = [
  ['with blanks', JSON.stringify({ version: 1, entries: listed }, undefined, '\t')],
  ['after other lists and texts', `{"a":["entries"],"b":"}]\\"","entries":${JSON.stringify(listed)}}`],
  ['with an entries of another object', `{"a":{"entries":[{"type":"reg"}]},"entries":${JSON.stringify(listed)}}`],
];

for (const [what, text] of same) {
  test(`parseTable() reads a table ${what}`, () => assert.deepEqual(read(text), read(json)));
}

test('parseTable() reads the escapes that Go writes', () => {
  const text = String.raw`{"entries":[{"type":"reg","name":"\"\\u0073\\\u0026\u003c\u003E\u001f\n\u2028\ufffd"}]}`;
  assert.equal(read(text)[0]?.path, '"\\u0073\\&<>\u001f\n\u2028\ufffd');
});

for (const text of ['{}', '{"entries":null}', '{"version":1,"entries":[]}']) {
  test(`parseTable() finds nothing in ${text}`, () => assert.deepEqual(read(text), []));
}

const refused: readonly (readonly [string, string])[] = [
  ['', 'MALFORMED'],
  ['[]', 'MALFORMED'],
  ['{"entries":{}}', 'MALFORMED'],
  ['{"entries":[],"entries":[]}', 'MALFORMED'],
  ['{"entries":[],"entries":[{"type":"reg","name":"a"}]}', 'MALFORMED'],
  ['{"\\u0065ntries":[{"type":"reg","name":"a"}]}', 'MALFORMED'],
  ['{"entries":[],"entrie\u017f":[{"type":"reg","name":"a"}]}', 'MALFORMED'],
  ['{"entries":[null]}', 'MALFORMED'],
  ['{"entries":["a"]}', 'MALFORMED'],
  ['{"entries":[[]]}', 'MALFORMED'],
  ['{"entries":[{"name":"a"}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"a\\u0000"}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","\u017fize":5}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","size":-1}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","size":1.5}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","size":1e20}]}', 'MALFORMED'],
  ['{"entries":[]}more', 'MALFORMED'],
  // What containers/storage takes for something else, or for the end.
  ['{"entries":[],"entr\u0130es":[{"type":"reg","name":"a"}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","s\u0130ze":5}]}', 'MALFORMED'],
  ['{"entries":[{"type":"dir","name":"a","":[{"type":"reg","name":"b"}]}]}', 'MALFORMED'],
  ['{"entries":[{"type":"dir","name":"a","xattrs":{"":""}}]}', 'MALFORMED'],
  ['{"entries":[{"type":"dir","name":"a","xattrs":{"a":1}}]}', 'MALFORMED'],
  ['{"":1,"entries":[{"type":"dir","name":"a"}]}', 'MALFORMED'],
  ['{"version":"1","entries":[{"type":"dir","name":"a"}]}', 'MALFORMED'],
  ['{"version":1.0,"entries":[{"type":"dir","name":"a"}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"a","size":1e3}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"a","size" : 1.0}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"a","size":null}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"a","digest":null}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"a","uid":"0"}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"a","modtime":0}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"usr/bin/\\u0073udo"}]}', 'MALFORMED'],
  ['{"entries":[{"type":"reg","name":"usr\\/sudo"}]}', 'MALFORMED'],
  [`{"entries":[{"type":"reg","x":${'['.repeat(limits.depth)}${']'.repeat(limits.depth)}}]}`, 'LIMIT_EXCEEDED'],
  [`{"entries":[${'{"type":"dir"},'.repeat(limits.entries)}{"type":"dir"}]}`, 'LIMIT_EXCEEDED'],
  [`{"x":"${'x'.repeat(limits.frameBytes)}","entries":[]}`, 'LIMIT_EXCEEDED'],
];

for (const [text, code] of refused) {
  test(`parseTable() refuses ${text.slice(0, 70)}`, () => {
    assert.throws(
      () => read(text),
      (error) => error instanceof CodecError && error.code === code,
    );
  });
}

/** Whose numbers are whole. */
const anyValue = fc
  .jsonValue({ maxDepth: 3 })
  .map((value): unknown =>
    JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'number' ? 7 : each))),
  );

test('parseTable() sees in any table what JSON.parse sees, wherever its entries stand', () => {
  const names = fc.constantFrom('a', 'entries', 'x"y', 'b\\', 'é', '[', '{', ']}');
  const around = fc.dictionary(
    names.filter((name) => name !== 'entries'),
    anyValue,
  );
  const entry = fc.record({
    type: fc.constantFrom('reg', 'dir', 'fifo'),
    name: fc.string(),
    more: anyValue,
  });
  const space = fc.constantFrom(undefined, ' ', '\t');
  fc.assert(
    fc.property(around, fc.array(entry), around, space, (before, entries, after, indent) => {
      const text = JSON.stringify({ ...before, entries, ...after }, undefined, indent);
      const shown = JSON.parse(text) as { readonly entries: readonly { readonly name: string }[] };
      if (entries.some(({ name }) => name.includes('\0'))) return;
      assert.equal(read(text).length, shown.entries.length);
    }),
  );
});

test('parseTable() ends in a coded error or a table, whatever the bytes', () => {
  const edit = fc.tuple(
    fc.nat(json.length - 1),
    fc.constantFrom('"', '{', '}', '[', ']', ',', '\\', '0', ':', ''),
    fc.nat(5),
  );
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
      let text = json;
      for (const [at, by, length] of edits) text = text.slice(0, at) + by + text.slice(at + length);
      let seen: number;
      try {
        seen = read(text).length;
      } catch (error) {
        assert.ok(error instanceof CodecError, String(error));
        return;
      }
      // What was taken for a table is one to others, with as many names; or is none to them.
      let entries: unknown;
      try {
        ({ entries } = JSON.parse(text) as { readonly entries?: unknown });
      } catch {
        return;
      }
      const named = Array.isArray(entries)
        ? (entries as { type?: unknown }[]).filter(({ type }) => type !== 'chunk')
        : [];
      assert.equal(seen, named.length);
    }),
    { numRuns: 2000 },
  );
});
