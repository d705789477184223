import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { mainModuleVersion } from './main-version.ts';
import { parseModuleList } from './module-list.ts';
import { unquote } from './unquote.ts';

test('parseModuleList() reads modules, replacements and settings', () => {
  const list = parseModuleList(
    [
      'path\texample.com/app/cmd/app',
      'mod\texample.com/app\t(devel)\t',
      'dep\texample.com/a\tv1.0.0\th1:aaa=',
      'dep\texample.com/b\tv1.0.0',
      '=>\texample.com/fork\tv1.0.1\th1:bbb=',
      'dep\texample.com/c\tv0.0.0',
      '=>\t./c\t',
      'build\t-compiler=gc',
      'build\t-ldflags="-s -w -X \\"main.version=1.2.3\\""',
      'build\t"odd key"=`raw value`',
      'nonsense',
      '',
    ].join('\n'),
  );
  assert.deepEqual(list, {
    path: 'example.com/app/cmd/app',
    main: { path: 'example.com/app', version: '(devel)' },
    dependencies: [
      { path: 'example.com/a', version: 'v1.0.0', sum: 'h1:aaa=' },
      { path: 'example.com/fork', version: 'v1.0.1', sum: 'h1:bbb=' },
      { path: './c', version: '' },
    ],
    settings: new Map([
      ['-compiler', 'gc'],
      ['-ldflags', '-s -w -X "main.version=1.2.3"'],
      ['odd key', 'raw value'],
    ]),
    unknown: 1,
  });
});

test('parseModuleList() takes a replacement of nothing for an unknown line', () => {
  assert.deepEqual(parseModuleList('=>\texample.com/a\tv1.0.0'), { dependencies: [], settings: new Map(), unknown: 1 });
});

test('parseModuleList() replaces the main module too', () => {
  assert.deepEqual(parseModuleList('mod\ta\tv1\n=>\tb\tv2').main, { path: 'b', version: 'v2' });
});

const quoted: readonly (readonly [text: string, plain: string])[] = [
  ['plain', 'plain'],
  ['"blank here"', 'blank here'],
  ['`raw \\n`', 'raw \\n'],
  [String.raw`"tab\tquote\"slash\\"`, 'tab\tquote"slash\\'],
  [String.raw`"\x41\u00e9\U0001f600\101"`, 'Aé😀A'],
  [String.raw`"\U99999999"`, String.raw`\U99999999`],
  ['"', '"'],
];

for (const [text, plain] of quoted) {
  test(`unquote() reads ${text}`, () => assert.equal(unquote(text), plain));
}

test('parseModuleList() and mainModuleVersion() survive hostile lists', () => {
  const list = [
    'path\texample.com/app/cmd/app',
    'mod\texample.com/app\t(devel)\th1:abc=',
    'dep\tgolang.org/x/net\tv0.1.0\th1:xyz=',
    '=>\t../net\t(devel)',
    `build\t-ldflags="-s -X main.version=v1.2.3 -X 'example.com/app/version.Version=\\"2.0.0\\"'"`,
    'build\t"vcs.revision"=0123456789abcdef0123',
    'build\tvcs.time=2023-01-01T00:00:00Z',
    '',
  ].join('\n');
  assertSurvives(
    [list, 'build\t-ldflags=`-X a.Ver=1`\n'],
    (bytes) => parseModuleList(bytes.toString()),
    (found) => {
      for (const module of [found.main, ...found.dependencies]) {
        if (module !== undefined) assert.ok(mainModuleVersion(module, found) !== '');
      }
    },
  );
});
