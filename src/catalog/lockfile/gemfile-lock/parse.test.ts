import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseGemfileLock } from './parse.ts';

const text = `GIT
  remote: https://example.org/x.git
  revision: abc
  specs:
    x (0.1.0)

PATH
  remote: engines/own
  specs:
    own (0.1.0)
      rack

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.15.0)
      mini_portile2 (~> 2.8.2)
      racc (~> 1.4)
    nokogiri (1.15.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.0)
    rack (3.0.0)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  nokogiri (~> 1.15)
  own!
  x!

BUNDLED WITH
   2.4.0
`;

test('parseGemfileLock() reads gems of servers and repositories', () => {
  assert.deepEqual(linesOfReading(parseGemfileLock(Buffer.from(text))), [
    'nokogiri@1.15.0 direct 16-16 > racc@1.7.0',
    'racc@1.7.0 indirect 21-21',
    'rack@3.0.0 indirect 22-22',
    'x@0.1.0 direct 5-5',
  ]);
});

test('parseGemfileLock() refuses other text, and survives hostile bytes', () => {
  assert.throws(() => parseGemfileLock(Buffer.from('Hello\n')), { code: 'MALFORMED' });
  assertSurvives([text], parseGemfileLock);
});
