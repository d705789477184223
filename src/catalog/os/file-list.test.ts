import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { parseFileList, parseFileSums } from './file-list.ts';
import { osLimits } from './limits.ts';

const list =
  '/.\n/etc\n/etc/bash.bashrc\n/usr\n/usr/bin\n/usr/bin/bash\n/usr/bin/bash.x\n/usr/share\n/usr/share/empty\n';
const sums = [
  '0123456789abcdef0123456789abcdef  usr/bin/bash',
  '0123456789abcdef0123456789abcdef *usr/bin/with  blanks',
  '0123456789abcdef0123456789abcdef  ./usr/bin/dot',
  '0123456789abcdef0123456789abcdef  /usr/bin/slash',
  'too short',
  '',
].join('\n');

test('parseFileList() gives the files of a package, its folders left out', () => {
  assert.deepEqual(parseFileList(Buffer.from(list), 'var/lib/dpkg/info/libc6:amd64.list', 'deb'), {
    facts: [
      {
        kind: 'ownership',
        type: 'deb',
        name: 'libc6',
        arch: 'amd64',
        paths: ['etc/bash.bashrc', 'usr/bin/bash', 'usr/bin/bash.x', 'usr/share/empty'],
      },
    ],
    problems: [],
  });
});

test('parseFileList() gives nothing for a package without files', () => {
  for (const text of ['', '/.\n', '\n']) {
    assert.deepEqual(parseFileList(Buffer.from(text), 'var/lib/dpkg/info/x.list', 'deb').facts, [], text);
  }
});

test('parseFileSums() gives the files of a package', () => {
  assert.deepEqual(parseFileSums(Buffer.from(sums), 'var/lib/dpkg/status.d/bash.md5sums', 'deb').facts, [
    {
      kind: 'ownership',
      type: 'deb',
      name: 'bash',
      paths: ['usr/bin/bash', 'usr/bin/with  blanks', 'usr/bin/dot', 'usr/bin/slash'],
    },
  ]);
});

test('parseFileList() and parseFileSums() leave out paths that no system can have', () => {
  const long = `/${'a'.repeat(5000)}\n/b\n`;
  const [fact] = parseFileList(Buffer.from(long), 'x.list', 'deb').facts;
  assert.deepEqual(fact?.kind === 'ownership' ? fact.paths : undefined, ['b']);
});

test('parseFileList() stops at more paths than any package has, and says so', () => {
  const { facts, problems } = parseFileList(Buffer.from('/a\n'.repeat(osLimits.ownedPaths + 10)), 'x.list', 'deb');
  assert.equal(facts[0]?.kind === 'ownership' && facts[0].paths.length, osLimits.ownedPaths);
  assert.deepEqual(
    problems?.map(({ code }) => code),
    ['OWNERSHIP_INCOMPLETE'],
  );
});

test('parseFileList() and parseFileSums() survive hostile bytes', () => {
  assertSurvives([list, sums], (bytes) => [
    parseFileList(bytes, 'a.list', 'deb'),
    parseFileSums(bytes, 'a.md5sums', 'deb'),
  ]);
});
