import assert from 'node:assert/strict';
import test from 'node:test';
import { readTexts } from './literal.ts';

const known: ReadonlyMap<string, string> = new Map([
  ['s.name', 'rake'],
  ['s.long', 'x'.repeat(1000)],
]);

const expressions: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['"rake"', ['rake']],
  ['"rake".freeze', ['rake']],
  ["  'rake'", ['rake']],
  [String.raw`'it\'s a \\ and \n'`, [String.raw`it's a \ and \n`]],
  [String.raw`"tab\tand \"quotes\" and \z"`, ['tab\tand "quotes" and z']],
  [String.raw`"caf\u00e9 \u{1F600} \x41 \101"`, ['café 😀 A A']],
  [String.raw`"\u{FFFFFF}"`, ['\u{FFFD}']],
  ['"folded \\\nline"', ['folded line']],
  ['%q<rake>', ['rake']],
  ['%q{a{b}c}', ['a{b}c']],
  ['%Q(a#{s.name}b)', ['arakeb']],
  ['%(rake)', ['rake']],
  ['%q|rake|', ['rake']],
  ["'#{s.name}'", ['#{s.name}']],
  ['"#{s.name}-#{ s.name }"', ['rake-rake']],
  ['"#{VERSION}"', undefined],
  ['"#{s.name', undefined],
  ['["MIT".freeze, \'Ruby\'.freeze]', ['MIT', 'Ruby']],
  ['[\n  "MIT", # the first\n  "Ruby",\n]', ['MIT', 'Ruby']],
  ['[]', []],
  ['["MIT", nil]', ['MIT']],
  ['[nil, "MIT"]', undefined],
  ['["MIT"', ['MIT']],
  ['%w[MIT Ruby]', ['MIT', 'Ruby']],
  ['%w(\n MIT\n Ruby\n)', ['MIT', 'Ruby']],
  ['Gem::Version.new("1.2.3")', ['1.2.3']],
  ['Gem::Version.new( "1.2.3".freeze )', ['1.2.3']],
  ['Gem::Platform.new(["x86_64", "linux", nil])', ['x86_64', 'linux']],
  ['Gem::Platform::RUBY', undefined],
  ['VERSION', undefined],
  ['File.read("VERSION")', undefined],
  ['"open', undefined],
  ['%q', undefined],
  ['%qa', undefined],
  ['', undefined],
  [`"${'x'.repeat(20_000)}"`, undefined],
  [`"${'#{s.name}'.repeat(1000)}"`, ['rake'.repeat(1000)]],
  [`"${'#{s.long}'.repeat(11)}"`, undefined],
];

for (const [source, expected] of expressions) {
  test(`readTexts() reads ${JSON.stringify(source).slice(0, 60)}`, () => {
    assert.deepEqual(
      readTexts(source, 0, (expression) => known.get(expression)),
      expected,
    );
  });
}
