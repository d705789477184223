import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { parseGemspec } from './parse.ts';

const generated = `# -*- encoding: utf-8 -*-
# stub: nokogiri 1.15.4 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.15.4"
  s.platform = "x86_64-linux".freeze

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.require_paths = ["lib".freeze]
  s.description = "Says\\n  s.name = \\"other\\"\\n".freeze
  s.licenses = ["MIT".freeze, "Apache-2.0".freeze]
  s.rubygems_version = "3.3.15".freeze

  if s.respond_to? :specification_version then
    s.specification_version = 4
  end

  if s.respond_to? :add_runtime_dependency then
    s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])
    s.add_development_dependency(%q<rake>.freeze, [">= 0"])
  else
    s.add_dependency(%q<racc>.freeze, ["~> 1.4"])
    s.add_dependency(%q<rake>.freeze, [">= 0"])
  end
end
`;

test('parseGemspec() reads what RubyGems writes', () => {
  assert.deepEqual(parseGemspec(Buffer.from(generated), 'nokogiri-1.15.4-x86_64-linux.gemspec'), {
    type: 'gem',
    name: 'nokogiri',
    version: '1.15.4',
    licenses: ['MIT', 'Apache-2.0'],
    cataloger: 'gemspec',
    qualifiers: { platform: 'x86_64-linux' },
    dependsOn: ['racc'],
  });
});

const identities: readonly (readonly [string, string, string, readonly [string, string] | undefined])[] = [
  [
    'assignments with CRLF',
    "Gem::Specification.new do |spec|\r\n  spec.name = 'a'\r\n  spec.version='1'\r\nend\r\n",
    'x.gemspec',
    ['a', '1'],
  ],
  [
    'a block in braces',
    'Gem::Specification.new { |g|\n g.name = %q{a}\n g.version = Gem::Version.new("1")\n}',
    'x.gemspec',
    ['a', '1'],
  ],
  [
    'guarded assignments',
    'Gem::Specification.new do |s|\n  if s.respond_to? :x then s.name = "a"\n  s.version = "1"',
    'x.gemspec',
    ['a', '1'],
  ],
  [
    'interpolation',
    'Gem::Specification.new do |s|\n s.name = "a"\n s.version = "1"\n s.name = "#{s.name}-b"',
    'x.gemspec',
    ['a', '1'],
  ],
  [
    'the stub line, where values are computed',
    '# stub: a 1.2 ruby lib\nGem::Specification.new do |s|\n s.name = NAME\n s.version = A::VERSION\n',
    'x-9.gemspec',
    ['a', '1.2'],
  ],
  [
    'the file name, where nothing else tells',
    'Gem::Specification.new do |s|\n s.version = A::VERSION\n',
    'net-a-1.2.gemspec',
    ['net-a', '1.2'],
  ],
  ['the file name of other content', 'puts 1', 'a-1.0.gemspec', ['a', '1.0']],
  [
    'assignments only to the block variable',
    'Gem::Specification.new do |s|\n t.name = "b"\n s.name == "c"\n s.name = "a"\n s.version = "1"',
    'x.gemspec',
    ['a', '1'],
  ],
  [
    'a comment as nothing',
    'Gem::Specification.new do |s|\n # s.name = "b"\n s.name = "a"\n s.version = "1"',
    'x.gemspec',
    ['a', '1'],
  ],
  ['nothing', '', 'x.gemspec', undefined],
];

for (const [what, source, fileName, expected] of identities) {
  test(`parseGemspec() reads ${what}`, () => {
    const found = parseGemspec(Buffer.from(source), fileName);
    assert.deepEqual(found === undefined ? undefined : [found.name, found.version], expected);
  });
}

test('parseGemspec() leaves out the platform of gems for any', () => {
  const source =
    'Gem::Specification.new do |s|\n s.name = "a"\n s.version = "1"\n s.platform = "ruby"\n s.license = "MIT"\n';
  const found = parseGemspec(Buffer.from(source), 'a-1.gemspec');
  assert.equal(found?.qualifiers, undefined);
  assert.deepEqual(found?.licenses, ['MIT']);
});

test('parseGemspec() refuses a name with control characters', () => {
  const source = 'Gem::Specification.new do |s|\n s.name = "a\\e[2J"\n s.version = "1"\n';
  assert.throws(
    () => parseGemspec(Buffer.from(source), 'a-1.gemspec'),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('parseGemspec() takes no values that are made of each other without end', () => {
  const source = `Gem::Specification.new do |s|
  s.name = "${'a'.repeat(9000)}"
  s.version = "${'#{s.name}'.repeat(1000)}"
  s.platform = "${'#{s.version}'.repeat(800)}"
end
`;
  assert.throws(() => parseGemspec(Buffer.from(source), 'a-1.0.gemspec'), { name: 'CatalogError', code: 'MALFORMED' });
});

test('parseGemspec() survives hostile bytes', () => {
  assertSurvives(
    [generated, 'Gem::Specification.new { |s|\n s.name = %q<a#{s.version}>\n s.licenses = %w[MIT \\u{41}]\n}'],
    (bytes) => parseGemspec(bytes, 'a-1.0.gemspec'),
    (found) => assert.ok(found === undefined || (found.name !== '' && found.version !== '')),
  );
});

test('parseGemspec() reads hostile sources of megabytes to their end', () => {
  const start = 'Gem::Specification.new do |s|\n s.name = "a"\n s.version = "1"\n';
  for (const piece of [
    ' s.licenses = ["\n',
    ' s.license = %q<<',
    '\n s.name = "#{',
    'Gem::Specification.new ',
    '\n\n',
    '# ',
    ' if s.a then ',
  ]) {
    const source = Buffer.from(start + piece.repeat(2 ** 21 / piece.length));
    assert.equal(parseGemspec(source, 'a-1.gemspec')?.name, 'a');
  }
});
