import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddStep, parseDirectoryStep } from './parse-step.ts';
import { parseTargetPath } from './target-path.ts';

test('parseAddStep() reads source, destination and rules', () => {
  const cases: readonly (readonly [string, object, string?])[] = [
    ['./dist:/app', { source: './dist', target: '/app' }],
    [
      'app-{arch}:/usr/bin/:mode=0755,uid=65532',
      { source: 'app-{arch}', target: '/usr/bin/', mode: 0o755, uid: 65_532 },
    ],
    ['a:b:/c', { source: 'a:b', target: '/c' }],
    ['C:/x:/y', { source: 'C:/x', target: '/y' }],
    ['a:/c:d', { source: 'a', target: '/c:d' }],
    ['a:/:mode=keep,layer=deps', { source: 'a', target: '/', mode: 'keep' }, 'deps'],
    ['a:/b:dir-mode=0700,gid=4294967294', { source: 'a', target: '/b', directoryMode: 0o700, gid: 4_294_967_294 }],
    ['a:/b:mode=4711', { source: 'a', target: '/b', mode: 0o4711 }],
  ];
  for (const [text, step, layer] of cases) {
    assert.deepEqual(parseAddStep(text), { layer, step: { kind: 'add', ...step } }, text);
  }
});

test('parseAddStep() and parseDirectoryStep() say what cannot be', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['./dist', /SRC:DEST/],
    ['./dist:app', /from the root on/],
    [':/app', /SRC:DEST/],
    ['a:/b/../c', /"\.\."/],
    ['a:/b/.wh.c', /take away a file/],
    ['a:/b:mode=888', /octal/],
    ['a:/b:mode=77777', /octal/],
    ['a:/b:mode=755,mode=644', /twice/],
    ['a:/b:uid=root', /number/],
    ['a:/b:uid=4294967295', /number/],
    ['a:/b:owner=1', /knows mode/],
    ['a:/b:toString=1', /knows mode|from the root/],
    ['a:/b:layer=a b', /layer is named/],
    [`a:/${'x'.repeat(256)}`, /255 bytes/],
    [`a:/${'x/'.repeat(2100)}y`, /4096 bytes/],
  ];
  for (const [text, message] of cases)
    assert.throws(() => parseAddStep(text), { code: 'BUILD_INVALID', message }, text);
  for (const text of ['tmp', '/', '//.', '/tmp:mode=keep', '/a/../b', '/tmp:size=1']) {
    assert.throws(() => parseDirectoryStep(text), { code: 'BUILD_INVALID' }, text);
  }
});

test('parseDirectoryStep() takes the mode for that of the folder', () => {
  assert.deepEqual(parseDirectoryStep('/tmp:mode=1777,uid=1,layer=x'), {
    layer: 'x',
    step: { kind: 'directory', target: '/tmp', uid: 1, directoryMode: 0o1777 },
  });
});

test('parseTargetPath() makes one spelling of many', () => {
  for (const text of ['/usr/bin/app', '//usr/./bin//app', '/usr/bin/app/']) {
    assert.equal(parseTargetPath(text), 'usr/bin/app');
  }
  assert.equal(parseTargetPath('/'), '');
  assert.throws(() => parseTargetPath('/a\0b'), { code: 'BUILD_INVALID' });
  assert.throws(() => parseTargetPath('/a\uFFFDb'), { code: 'BUILD_INVALID' });
});
