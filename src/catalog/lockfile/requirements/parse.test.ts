import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseRequirements } from './parse.ts';

const text = `# by hand
--index-url https://pypi.example/simple
-r base.txt
-c constraints.txt
Django[argon2]==4.2.1 ; python_version >= "3.8"  # pinned
requests == 2.31.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
exact===1.0-local
both>=1,==1.5
paren (==2.0)
any==1.*
loose>=2
url @ https://example.org/x.zip#sha256=1
-e ./here

`;

test('parseRequirements() reads what is pinned, and tells how much is not', () => {
  const reading = parseRequirements(Buffer.from(text));
  assert.deepEqual(linesOfReading(reading), [
    'Django@4.2.1 5-5',
    'both@1.5 10-10',
    'exact@1.0-local 9-9',
    'paren@2.0 11-11',
    'requests@2.31.0 6-8',
  ]);
  const remarks = reading.remarks ?? [];
  assert.deepEqual(
    remarks.map(({ code }) => code),
    ['REQUIREMENTS_UNPINNED'],
  );
  assert.deepEqual(reading.includes, ['base.txt']);
  assert.match(remarks[0]?.message ?? '', /^4 of its requirements/);
});

test('parseRequirements() reads what Windows shells write', () => {
  const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a==1\r\nb==2\r\n', 'utf16le')]);
  assert.deepEqual(linesOfReading(parseRequirements(wide)), ['a@1 1-1', 'b@2 2-2']);
  assert.deepEqual(linesOfReading(parseRequirements(Buffer.from('\uFEFFa==1'))), ['a@1 1-1']);
});

test('parseRequirements() goes through long lines once', () => {
  const start = performance.now();
  parseRequirements(
    Buffer.from(
      `${'a['.repeat(500_000)}\n${' '.repeat(1_000_000)}#\n${'a '.repeat(500_000)}==1\na${' '.repeat(1_000_000)})x\n${'a'.repeat(1_000_000)})x`,
    ),
  );
  assert.ok(performance.now() - start < 2000);
});

test('parseRequirements() survives hostile bytes', () => {
  assertSurvives([text], parseRequirements);
});
