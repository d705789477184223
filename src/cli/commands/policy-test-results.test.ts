import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { plainHost } from '../../../testing/plain-host.ts';
import { buildProgram } from '../program/build-program.ts';
import { addPolicyCommands } from '../program/policies.ts';

const written = join(import.meta.dirname, '../../admission/suite/testdata/every-result');
const folder = await mkdtemp(join(tmpdir(), 'seaworthy-results-'));
after(() => rm(folder, { recursive: true }));
await cp(written, folder, { recursive: true });
const suite = await readFile(join(written, 'kyverno-test.yaml'), 'utf8');
const words = ['pass', 'fail', 'skip', 'error', 'warn'] as const;

interface Result {
  readonly wanted: string;
  readonly got?: string;
  readonly passed: boolean;
  readonly reason: string;
}

async function results(
  text: string,
): Promise<{ readonly status: number | undefined; readonly all: readonly Result[] }> {
  await writeFile(join(folder, 'kyverno-test.yaml'), text);
  const { host, out } = plainHost(folder);
  let status: number | undefined;
  const program = buildProgram(host, (ended) => (status = ended), [addPolicyCommands]);
  await program.parseAsync(['policy', 'test', '--format', 'json'], { from: 'user' });
  const { suites } = JSON.parse(out()) as { suites: { results: Result[] }[] };
  return { status, all: suites[0]?.results ?? [] };
}

test("policy test runs a suite of Kyverno's in which every result is wanted and comes", async () => {
  const { status, all } = await results(suite);
  assert.deepEqual(
    all.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(status, 0);
  assert.deepEqual(new Set(all.map(({ got }) => got)), new Set(words));
});

for (const word of words) {
  test(`policy test takes no other result for "${word}"`, async () => {
    const { status, all } = await results(suite.replaceAll(/(result|status): \w+/g, `$1: ${word}`));
    assert.equal(status, 1);
    for (const { wanted, got, passed, reason } of all) {
      assert.equal(wanted, word);
      assert.equal(passed, got === word, reason);
      if (!passed) assert.match(reason, new RegExp(`^Want ${word}, got ${got}`));
    }
  });
}

test('policy test says what a rule lacks that has the result error', async () => {
  const { all } = await results(suite.replace('result: error', 'result: pass'));
  const lacking = all.find(({ passed }) => !passed);
  assert.match(lacking?.reason ?? '', /^Want pass, got error: .*reviews/);
});
