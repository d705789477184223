import assert from 'node:assert/strict';
import test from 'node:test';
import { parseReference } from './reference.ts';
import { parseSource } from './source.ts';
import type { ImageSource } from './source.ts';

const sources: readonly (readonly [string, ImageSource])[] = [
  ['nginx', { kind: 'registry', reference: parseReference('nginx') }],
  ['nginx:1.27', { kind: 'registry', reference: parseReference('nginx:1.27') }],
  ['registry:ghcr.io/a/b', { kind: 'registry', reference: parseReference('ghcr.io/a/b') }],
  ['localhost:5000/x', { kind: 'registry', reference: parseReference('localhost:5000/x') }],
  ['docker.io/docker:27', { kind: 'registry', reference: parseReference('docker:27') }],
  ['docker:nginx:1.27', { kind: 'docker', name: 'nginx:1.27' }],
  ['podman:localhost/x', { kind: 'podman', name: 'localhost/x' }],
  ['docker-archive:a.tar', { kind: 'docker-archive', path: 'a.tar' }],
  ['docker-archive:/a/b.tar:nginx:1', { kind: 'docker-archive', path: '/a/b.tar:nginx:1' }],
  ['oci-archive:a.tar', { kind: 'oci-archive', path: 'a.tar' }],
  ['oci-dir:./a:tag', { kind: 'oci-dir', path: './a:tag' }],
  ['dir:/', { kind: 'dir', path: '/' }],
];

test('parseSource() tells sources by their prefix', () => {
  for (const [text, expected] of sources) assert.deepEqual(parseSource(text), expected, text);
});

test('parseSource() refuses what names nothing', () => {
  for (const text of [
    '',
    'docker:',
    'dir:',
    'registry:',
    'docker://nginx',
    'https://ghcr.io/a',
    'Nginx',
    'unknown:a/b',
  ]) {
    assert.throws(() => parseSource(text), { name: 'OciError', code: 'REFERENCE_INVALID' }, text);
  }
});

const advices: readonly (readonly [text: string, advice: RegExp])[] = [
  ['', /^The name of the image is empty; write it as/],
  ['docker:', /^Nothing follows "docker:"/],
  ['/tmp/a.tar', /is a path, .+ put docker-archive:/],
  ['./a.tar', /is a path/],
  ['../a', /is a path/],
  ['~/a.tar', /is a path/],
  ['//ghcr.io/a', /write registry:ghcr\.io\/a$/],
];

for (const [text, advice] of advices) {
  test(`parseSource() says what to write instead of "${text}"`, () => {
    assert.throws(() => parseSource(text), { code: 'REFERENCE_INVALID', message: advice });
  });
}
