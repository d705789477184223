import assert from 'node:assert/strict';
import test from 'node:test';
import { CatalogError } from '../error.ts';
import { osLimits } from './limits.ts';
import { isInstalled, parseRelations } from './stanza-package.ts';
import { parseStanzas } from './stanza.ts';

const wanted = new Set(['package', 'depends']);

function read(text: string): { readonly stanzas: readonly unknown[]; readonly strayLines: number } {
  const { stanzas, strayLines } = parseStanzas(text, wanted);
  return { stanzas: stanzas.map((stanza) => Object.fromEntries(stanza)), strayLines };
}

test('parseStanzas() reads fields, continuation lines and blank lines', () => {
  const cases: readonly (readonly [string, string, readonly unknown[], number])[] = [
    ['two stanzas', 'Package: a\n\nPackage: b\n', [{ package: 'a' }, { package: 'b' }], 0],
    ['no line feed at the end', 'Package: a', [{ package: 'a' }], 0],
    ['many blank lines', '\n\n\nPackage: a\n\n\n\n\nPackage: b\n\n', [{ package: 'a' }, { package: 'b' }], 0],
    ['line ends of Windows', 'Package: a\r\n\r\nPackage: b\r\n', [{ package: 'a' }, { package: 'b' }], 0],
    ['names in any case', 'PACKAGE: a\ndepends:b\n', [{ package: 'a', depends: 'b' }], 0],
    ['a folded field', 'Depends: a,\n b,\n\tc\nPackage: x\n', [{ depends: 'a,\nb,\nc', package: 'x' }], 0],
    ['a folded field nobody wants', 'Package: a\nDescription: x\n Package: b\n .\n', [{ package: 'a' }], 0],
    ['a repeated field', 'Package: a\nPackage: b\n', [{ package: 'a' }], 0],
    ['stanzas without a wanted field', 'Version: 1\n\nPackage: a\n', [{ package: 'a' }], 0],
    ['a colon in the value', 'Package: a:b\n', [{ package: 'a:b' }], 0],
    ['an empty value', 'Package:\n', [{ package: '' }], 0],
    ['stray lines', 'nonsense\n: x\nPackage: a\n', [{ package: 'a' }], 2],
    ['a continuation of nothing', ' lost\nPackage: a\n', [{ package: 'a' }], 1],
    ['nothing', '', [], 0],
  ];
  for (const [title, text, stanzas, strayLines] of cases) assert.deepEqual(read(text), { stanzas, strayLines }, title);
});

test('parseStanzas() keeps names of prototypes as ordinary fields', () => {
  const { stanzas } = parseStanzas('__proto__: x\nconstructor: y\n', new Set(['__proto__', 'constructor']));
  assert.equal(stanzas[0]?.get('__proto__'), 'x');
  assert.equal(stanzas[0]?.get('constructor'), 'y');
});

test('parseStanzas() leaves off what passes the limit of a field', () => {
  const long = 'x'.repeat(osLimits.fieldLength * 2);
  for (const text of [`Package: ${long}\n`, `Package: a\n ${`${'x'.repeat(98)}\n `.repeat(30_000)}`]) {
    const { stanzas, strayLines } = parseStanzas(text, wanted);
    const length = stanzas[0]?.get('package')?.length ?? 0;
    assert.ok(length > osLimits.fieldLength * 0.9 && length < osLimits.fieldLength * 1.1, String(length));
    assert.equal(strayLines, 0);
  }
});

test('parseStanzas() refuses more stanzas than any distribution has', () => {
  assert.throws(
    () => parseStanzas('Package:\n\n'.repeat(200_001), wanted),
    (error) => error instanceof CatalogError && error.code === 'LIMIT_EXCEEDED',
  );
});

test('isInstalled() believes the Status field', () => {
  const cases: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, true],
    ['install ok installed', true],
    ['hold ok installed', true],
    ['install ok half-configured', true],
    ['install user installed', true],
    ['install ok unpacked', true],
    ['deinstall ok config-files', false],
    ['install ok config-files', false],
    ['purge ok not-installed', false],
    ['unknown ok not-installed', false],
    ['deinstall  ok installed', false],
    ['DEINSTALL OK CONFIG-FILES', false],
  ];
  for (const [status, expected] of cases) {
    assert.equal(isInstalled(new Map(status === undefined ? [] : [['status', status]])), expected, status);
  }
});

test('parseRelations() gives names only', () => {
  const cases: readonly (readonly [string | undefined, readonly (readonly string[])[]])[] = [
    [undefined, []],
    ['', []],
    ['libc6 (>= 2.36), libgcc-s1', [['libc6'], ['libgcc-s1']]],
    ['default-mta | mail-transport-agent', [['default-mta', 'mail-transport-agent']]],
    ['python3:any (<< 3.12), a[amd64 !i386], b <!nocheck>', [['python3'], ['a'], ['b']]],
    ['a,\nb | \n c', [['a'], ['b', 'c']]],
    [' , |, ', []],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseRelations(text), expected, text);
});
