import assert from 'node:assert/strict';
import test from 'node:test';
import { parseLinkFlags } from './link-flags.ts';
import { mainModuleVersion } from './main-version.ts';
import type { GoModuleList } from './module-list.ts';

const module = 'example.com/app';
const commit = { 'vcs.revision': '0123456789abcdef0123456789abcdef01234567', 'vcs.time': '2024-03-01T12:34:56Z' };

function version(recorded: string, settings: Readonly<Record<string, string>>, path: string = module): string {
  const list: GoModuleList = { dependencies: [], settings: new Map(Object.entries(settings)), unknown: 0 };
  return mainModuleVersion({ path, version: recorded }, list);
}

const cases: readonly (readonly [
  title: string,
  recorded: string,
  settings: Record<string, string>,
  expected: string,
])[] = [
  ['a recorded release before flags', 'v1.2.3', { '-ldflags': '-X main.version=9.9.9' }, 'v1.2.3'],
  ['a recorded release with changes', 'v1.2.3+dirty', {}, 'v1.2.3+dirty'],
  [
    'flags before a recorded pseudo-version',
    'v0.0.0-20240301123456-0123456789ab',
    { '-ldflags': '-X main.version=2.0.0' },
    'v2.0.0',
  ],
  [
    'a recorded pseudo-version before the commit',
    'v0.0.0-20240301123456-0123456789ab+dirty',
    commit,
    'v0.0.0-20240301123456-0123456789ab+dirty',
  ],
  ['flags before the commit', '(devel)', { ...commit, '-ldflags': '-s -X main.version=v1.0.0-rc.1' }, 'v1.0.0-rc.1'],
  ['the commit', '(devel)', commit, 'v0.0.0-20240301123456-0123456789ab'],
  ['nothing', '(devel)', {}, '(devel)'],
  ['nothing without a version', '', {}, '(devel)'],
  ['a commit without time as nothing', '(devel)', { 'vcs.revision': commit['vcs.revision'] }, '(devel)'],
  [
    'flags of the command before others',
    '(devel)',
    { '-ldflags': `-X main.version=1.0.0 -X ${module}/cmd/x.version=2.0.0` },
    'v2.0.0',
  ],
  ['flags of a version package', '(devel)', { '-ldflags': `-X=${module}/internal/version.Version=3.1` }, 'v3.1'],
  ['flags of any package of the module', '(devel)', { '-ldflags': `-X ${module}/build.buildVersion=1.5.0` }, 'v1.5.0'],
  ['flags that agree', '(devel)', { '-ldflags': '-X main.version=1.0.0 -X main.Version=v1.0.0' }, 'v1.0.0'],
  [
    'flags that disagree as nothing',
    '(devel)',
    { '-ldflags': '-X main.version=1.0.0 -X common/version.Version=2.0.0' },
    '(devel)',
  ],
  ['flags of other modules as nothing', '(devel)', { '-ldflags': '-X example.org/lib.version=1.0.0' }, '(devel)'],
  [
    'other variables as nothing',
    '(devel)',
    { '-ldflags': '-X main.commit=1.0.0 -X main.minAPIVersion=1.2.3' },
    '(devel)',
  ],
  ['words as nothing', '(devel)', { '-ldflags': '-X main.version=dev' }, '(devel)'],
  [
    'flags of absurd length as nothing',
    '(devel)',
    { '-ldflags': `-X main.version=1.0.0${' '.repeat(200_000)}` },
    '(devel)',
  ],
];

for (const [title, recorded, settings, expected] of cases) {
  test(`mainModuleVersion() takes ${title}`, () => assert.equal(version(recorded, settings), expected));
}

test('mainModuleVersion() gives pseudo-versions the major version of the path', () => {
  assert.equal(version('(devel)', commit, 'example.com/app/v4'), 'v4.0.0-20240301123456-0123456789ab');
});

const flags: readonly (readonly [flags: string, variables: readonly string[]])[] = [
  ['-s -w', []],
  ['-X main.a=1', ['main.a=1']],
  ['-X=main.a=1 --X=main.b=2 --X main.c=3', ['main.a=1', 'main.b=2', 'main.c=3']],
  [`-X 'main.a=one two'`, ['main.a=one two']],
  [`-X "main.a=one 'two'"`, [`main.a=one 'two'`]],
  [`-X main.a='one two' -X main.b=2`, ['main.a=one two', 'main.b=2']],
  ['-X main.a=1 -X main.a=2', ['main.a=2']],
  ['-X example.com/dotted.name/pkg.v=x.y=z', ['example.com/dotted.name/pkg.v=x.y=z']],
  ['-X', []],
  ['-X novalue -X =1 -X main.a=', ['main.a=']],
];

for (const [text, variables] of flags) {
  test(`parseLinkFlags() reads ${text}`, () => {
    assert.deepEqual(
      parseLinkFlags(text).map((each) => `${each.package}.${each.name}=${each.value}`),
      variables,
    );
  });
}
