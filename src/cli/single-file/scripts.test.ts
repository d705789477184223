import assert from 'node:assert/strict';
import test from 'node:test';
import { openScripts } from './scripts.ts';

const texts: Readonly<Record<string, string>> = {
  'cli/main.cjs':
    "const a = require('./a.cjs'); exports.sum = () => a.two() + require('./a.cjs').two(); exports.a = a;",
  'cli/a.cjs': "const main = require('./main.cjs'); exports.two = () => 2; exports.whole = () => 'sum' in main;",
  'verify/a.cjs': "module.exports = [__filename, require('node:path').sep, typeof require('fs').readFileSync];",
};
const text = (name: string): string => {
  const found = texts[name];
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found;
};

interface Main {
  readonly sum: () => number;
  readonly a: { readonly whole: () => boolean };
}

test('openScripts() runs each script once, also in a circle, and knows folders apart', () => {
  const scripts = openScripts({ text, code: () => undefined });
  const main = scripts.load('cli/main.cjs') as Main;
  assert.equal(main.sum(), 4);
  assert.equal(main.a.whole(), true);
  assert.equal(scripts.load('cli/main.cjs'), main);
  assert.deepEqual(scripts.load('verify/a.cjs'), ['/seaworthy/verify/a.cjs', '/', 'function']);
  assert.throws(() => scripts.load('cli/none.cjs'), /There is no/);
});

test('openScripts() uses the code that was kept, and says which is new', () => {
  const first = openScripts({ text, code: () => undefined });
  (first.load('cli/main.cjs') as Main).sum();
  const kept = first.newCode();
  assert.deepEqual([...kept.keys()], ['cli/main.cjs', 'cli/a.cjs']);
  const second = openScripts({ text, code: (name) => kept.get(name) });
  assert.equal((second.load('cli/main.cjs') as Main).sum(), 4);
  assert.deepEqual([...second.newCode().keys()], []);
  // Code of something else is refused by V8, and made anew.
  const other = openScripts({ text: (name) => `${text(name)} // longer`, code: (name) => kept.get(name) });
  other.load('cli/main.cjs');
  assert.deepEqual([...other.newCode().keys()], ['cli/main.cjs', 'cli/a.cjs']);
});

test('openScripts() finds packages beside the executable alone', () => {
  const scripts = openScripts({
    text: () => "module.exports = require('no-such-package-anywhere');",
    code: () => undefined,
  });
  assert.throws(() => scripts.load('cli/x.cjs'), { code: 'MODULE_NOT_FOUND' });
});
