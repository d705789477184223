import assert from 'node:assert/strict';
import test from 'node:test';
import type { Distro } from '../package/distro.ts';
import type { ReleaseFact } from './cataloger.ts';
import { findDistro } from './find-distro.ts';

function release(rank: number, distro: Partial<Distro>): ReleaseFact {
  return { kind: 'release', rank, distro };
}

const cases: readonly (readonly [string, readonly ReleaseFact[], readonly string[], Distro | undefined])[] = [
  ['nothing', [], ['edge'], undefined],
  ['files without a name', [release(0, { version: '1' }), release(1, { id: '' })], [], undefined],
  [
    'one file',
    [release(0, { id: 'debian', version: '12', codename: 'bookworm' })],
    [],
    { id: 'debian', version: '12', idLike: [], codename: 'bookworm' },
  ],
  [
    'the file of the lowest rank',
    [release(10, { id: 'centos', version: '7' }), release(0, { id: 'rhel', version: '7.9' })],
    [],
    { id: 'rhel', version: '7.9', idLike: [] },
  ],
  [
    'a name that only a later file has',
    [release(0, { version: '3' }), release(1, { id: 'alpine' })],
    [],
    { id: 'alpine', version: '3', idLike: [] },
  ],
  [
    'what files on the same distribution add',
    [release(0, { id: 'debian', version: '' }), release(11, { id: 'debian', version: '12.5', prettyName: 'D' })],
    [],
    { id: 'debian', version: '12.5', idLike: [], prettyName: 'D' },
  ],
  [
    'nothing of files on another',
    [release(0, { id: 'debian' }), release(11, { id: 'ubuntu', version: '22.04', codename: 'jammy' })],
    [],
    { id: 'debian', version: '', idLike: [] },
  ],
  [
    'branches, each once',
    [release(0, { id: 'alpine', version: '3.19', idLike: ['x'] })],
    ['v3.19', 'edge', 'edge'],
    { id: 'alpine', version: '3.19', idLike: ['x'], repositories: ['v3.19', 'edge'] },
  ],
  [
    'extended support',
    [release(0, { id: 'ubuntu', version: '18.04' }), release(20, { esm: true })],
    [],
    { id: 'ubuntu', version: '18.04', idLike: [], esm: true },
  ],
];

for (const [name, releases, branches, distro] of cases) {
  test(`findDistro() takes ${name}`, () => {
    const repositories = branches.map((branch) => ({ kind: 'repository' as const, branches: [branch] }));
    assert.deepEqual(findDistro(releases, repositories), distro);
  });
}
