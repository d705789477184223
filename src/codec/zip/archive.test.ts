import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { buildZip, type ZipFrame, type ZipPart } from '../../../testing/zip-builder.ts';
import { CodecError, type CodecErrorCode } from '../error.ts';
import { isZipMagic, openZip } from './archive.ts';
import { ZipBudget } from './budget.ts';

const most = 1 << 20;
const text = 'a line that repeats\n'.repeat(100);

const parts: readonly ZipPart[] = [
  { name: 'folder/' },
  { name: 'stored.txt', content: 'stored' },
  { name: 'folder/deflated.txt', content: text, deflate: true },
  { name: 'empty', content: '', deflate: true },
];
const contents = [
  ['folder/', ''],
  ['stored.txt', 'stored'],
  ['folder/deflated.txt', text],
  ['empty', ''],
];

function readAll(bytes: Buffer): unknown {
  const zip = openZip(bytes);
  return Array.from(zip.entries(), (entry) => [entry.name, zip.read(entry, most).toString()]);
}

function throwsCode(run: () => unknown, code: CodecErrorCode): void {
  assert.throws(run, (error) => error instanceof CodecError && error.code === code);
}

const script = Buffer.from('#!/bin/sh\nexec java -jar "$0"\n');
const frames: readonly (readonly [title: string, frame: ZipFrame])[] = [
  ['plain', {}],
  ['with a comment', { comment: 'made by hand' }],
  ['with a comment that holds an end record', { comment: `PK\u0005\u0006${'\0'.repeat(18)}` }],
  ['with junk behind', { junk: Buffer.alloc(1000, 1) }],
  ['behind a prefix', { prefix: script }],
  ['behind a prefix that its offsets count', { prefix: script, adjusted: true }],
  ['zip64', { zip64: true }],
  ['zip64 behind a prefix', { zip64: true, prefix: script }],
  ['zip64 behind a prefix that its offsets count', { zip64: true, prefix: script, adjusted: true }],
];

for (const [title, frame] of frames) {
  test(`openZip() reads an archive ${title}`, () => assert.deepEqual(readAll(buildZip(parts, frame)), contents));
}

test('openZip() reads entries whose sizes stand in a zip64 field', () => {
  assert.deepEqual(readAll(buildZip(parts.map((part) => ({ ...part, zip64: true })))), contents);
});

test('openZip() reads entries whose local headers leave sizes out', () => {
  assert.deepEqual(readAll(buildZip(parts.map((part) => ({ ...part, streamed: true, flags: 8 })))), contents);
});

test('openZip() reads an archive without entries', () => assert.deepEqual(readAll(buildZip([])), []));

test('openZip() takes as many entries as there are when the 16 bits of their number wrap round', () => {
  const others = Array.from({ length: 65_536 }, (_, index): ZipPart => ({ name: `${index}`, shares: 0 }));
  const zip = openZip(buildZip([{ name: 'first' }, ...others]));
  assert.equal([...zip.entries()].length, 65_537);
});

test('ZipArchive.entries() gives names as they are, repeated ones too', () => {
  const names: readonly (readonly [stored: string | Buffer, read: string])[] = [
    ['twice', 'twice'],
    ['twice', 'twice'],
    ['../../etc/passwd', '../../etc/passwd'],
    ['/absolute', '/absolute'],
    ['Ünïcödé', 'Ünïcödé'],
    [Buffer.from('caf\u00e9', 'latin1'), 'caf\u00e9'],
    ['__proto__', '__proto__'],
    ['', ''],
  ];
  const zip = openZip(buildZip(names.map(([name]) => ({ name }))));
  assert.deepEqual(
    Array.from(zip.entries(), ({ name }) => name),
    names.map(([, read]) => read),
  );
});

test('ZipArchive.read() gives a stored entry as a view', () => {
  const bytes = buildZip([{ name: 'a', content: 'abc' }]);
  const zip = openZip(bytes);
  const [entry] = zip.entries();
  assert.ok(entry);
  assert.equal(zip.read(entry, most).buffer, bytes.buffer);
});

const unreadable: readonly (readonly [title: string, part: ZipPart, code: CodecErrorCode])[] = [
  ['an encrypted entry', { name: 'bad', content: 'x', flags: 1 }, 'UNSUPPORTED'],
  ['a strongly encrypted entry', { name: 'bad', content: 'x', flags: 0x40 }, 'UNSUPPORTED'],
  ['an unknown method', { name: 'bad', content: 'x', method: 12 }, 'UNSUPPORTED'],
  ['a wrong checksum', { name: 'bad', content: 'x', crc32: 1 }, 'MALFORMED'],
  ['a stored entry of another size', { name: 'bad', content: 'xyz', size: 2 }, 'MALFORMED'],
  ['a deflated entry that is longer than it says', { name: 'bad', content: text, deflate: true, size: 5 }, 'MALFORMED'],
  [
    'a deflated entry that is shorter than it says',
    { name: 'bad', content: text, deflate: true, size: 9999 },
    'MALFORMED',
  ],
  ['a deflated entry of impossible size', { name: 'bad', content: 'x', deflate: true, size: 100_000 }, 'MALFORMED'],
  ['what is not deflated though it says so', { name: 'bad', content: '\u00ff\u00ff', method: 8 }, 'MALFORMED'],
  ['an entry over the limit', { name: 'bad', content: Buffer.alloc(most + 1), deflate: true }, 'LIMIT_EXCEEDED'],
];

for (const [title, part, code] of unreadable) {
  test(`ZipArchive.read() rejects ${title}, and that only`, () => {
    const zip = openZip(buildZip([part, { name: 'good', content: 'good' }]));
    const [bad, good] = zip.entries();
    assert.ok(bad && good);
    throwsCode(() => zip.read(bad, most), code);
    assert.equal(zip.read(good, most).toString(), 'good');
  });
}

test('ZipArchive.read() rejects entries that point nowhere', () => {
  const bytes = buildZip([{ name: 'a', content: 'abc' }]);
  const header = bytes.indexOf('PK\u0001\u0002');
  for (const [offset, code] of [
    [2, 'MALFORMED'],
    [bytes.length - 4, 'TRUNCATED'],
    [0xffff_fff0, 'TRUNCATED'],
  ] as const) {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(offset, header + 42);
    const zip = openZip(copy);
    const [entry] = zip.entries();
    assert.ok(entry);
    throwsCode(() => zip.read(entry, most), code);
  }
});

test('ZipArchive.read() stops entries that share bytes when they give out more than the budget', () => {
  const content = Buffer.alloc(600_000);
  const shared = Array.from({ length: 200 }, (_, index): ZipPart => ({
    name: `${index}`,
    shares: 0,
    size: content.length,
    crc32: 0,
  }));
  const zip = openZip(buildZip([{ name: 'first', content, deflate: true }, ...shared]));
  let read = 0;
  throwsCode(() => {
    for (const entry of zip.entries()) {
      try {
        read += zip.read(entry, most).length;
      } catch (error) {
        if (!(error instanceof CodecError) || error.code !== 'MALFORMED') throw error;
      }
    }
  }, 'LIMIT_EXCEEDED');
  assert.equal(read, content.length);
});

test('openZip() shares a budget among archives', () => {
  const budget = new ZipBudget(10, 3);
  const bytes = buildZip([{ name: 'a', content: '123456' }]);
  const first = openZip(bytes, budget);
  const [entry] = first.entries();
  assert.ok(entry);
  assert.equal(first.read(entry, most).length, 6);
  const second = openZip(bytes, budget);
  const [again] = second.entries();
  assert.ok(again);
  throwsCode(() => second.read(again, most), 'LIMIT_EXCEEDED');
  assert.equal(budget.bytes, 4);
  assert.equal([...first.entries()].length, 1);
  throwsCode(() => [...first.entries()], 'LIMIT_EXCEEDED');
});

const broken: readonly (readonly [title: string, bytes: Buffer, code: CodecErrorCode])[] = [
  ['nothing', Buffer.alloc(0), 'MALFORMED'],
  ['no archive', Buffer.from('this is no archive, however long it is'), 'MALFORMED'],
  ['an archive without its end', buildZip(parts).subarray(0, -10), 'MALFORMED'],
  ['only the end of an archive', buildZip(parts).subarray(-40), 'MALFORMED'],
  ['fewer entries than announced', buildZip(parts, { count: 5 }), 'MALFORMED'],
  ['more entries than announced', buildZip(parts, { count: 3 }), 'MALFORMED'],
  ['a name of absurd length', buildZip([{ name: 'x'.repeat(5000) }]), 'LIMIT_EXCEEDED'],
];

for (const [title, bytes, code] of broken) {
  test(`openZip() rejects ${title}`, () => throwsCode(() => readAll(bytes), code));
}

test('ZipArchive.entries() gives what stands before the damage', () => {
  const bytes = buildZip(parts);
  bytes.fill(0, bytes.indexOf('PK\u0001\u0002', bytes.indexOf('PK\u0001\u0002') + 4) + 1, bytes.length - 22);
  const names: string[] = [];
  throwsCode(() => {
    for (const { name } of openZip(bytes).entries()) names.push(name);
  }, 'MALFORMED');
  assert.deepEqual(names, ['folder/']);
});

test('isZipMagic() knows archives by their first bytes', () => {
  assert.equal(isZipMagic(buildZip(parts)), true);
  assert.equal(isZipMagic(buildZip([])), true);
  assert.equal(isZipMagic(Buffer.from('PK')), false);
  assert.equal(isZipMagic(Buffer.from('Rar!')), false);
});

test('openZip() survives hostile archives', () => {
  const seeds = [
    ...frames.map(([, frame]) => buildZip(parts, frame)),
    buildZip(parts.map((part) => ({ ...part, zip64: true }))),
  ];
  assertSurvives(seeds, (bytes) => {
    const zip = openZip(bytes);
    for (const entry of zip.entries()) zip.read(entry, most);
  });
});

test('openZip() reads a real archive', needsSharedData('jars', 'gradle.war'), () => {
  const zip = openZip(readFileSync(sharedData('jars', 'gradle.war') as string));
  const sizes = Array.from(zip.entries(), (entry) => zip.read(entry, most).length);
  assert.equal(sizes.length, 11);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    1_377_257,
  );
});
