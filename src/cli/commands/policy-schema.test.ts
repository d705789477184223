import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testHost } from '../../../testing/test-host.ts';
import { policySchemaCommand } from './policy-schema.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'docs', 'schema');

async function print(kind: string): Promise<unknown> {
  let said = '';
  const stdout = {
    isTerminal: false,
    columns: undefined,
    write: (text: string) => Promise.resolve(void (said += text)),
  };
  assert.equal(await policySchemaCommand(kind, testHost({ stdout })), 0);
  return JSON.parse(said);
}

for (const [kind, file] of [
  ['ImagePolicy', 'image-policy.json'],
  ['Policy', 'policy.json'],
] as const) {
  test(`docs/schema/${file} is what "policy schema ${kind}" prints`, async () => {
    assert.deepEqual(await print(kind), JSON.parse(readFileSync(join(folder, file), 'utf8')));
  });
}

test('policy schema knows no other kinds', async () => {
  for (const kind of ['Pod', 'constructor']) {
    await assert.rejects(print(kind), { name: 'ConfigError', message: /there are ImagePolicy and Policy/ });
  }
});
