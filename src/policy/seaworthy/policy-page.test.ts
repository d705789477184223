import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { policyOf } from '../../../testing/policy/policy-text.ts';
import type { JsonSchema } from '../../codec/yaml/json-schema.ts';
import { compilePolicy } from '../compile.ts';
import { policyLimits } from '../limits.ts';
import { ruleKinds } from '../model.ts';
import { policyJsonSchema } from './document/schema.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'policy.md'), 'utf8');
const examples = [...page.matchAll(/^```yaml\n([\s\S]+?)^```$/gm)].map(([, text]) => text as string);

test('docs/policy.md has examples of whole policies', () => assert.ok(examples.length >= 2));

for (const [index, text] of examples.entries()) {
  test(`example ${index + 1} of docs/policy.md is right`, async () => {
    assert.match(compilePolicy(await policyOf(text)).hash, /^[0-9a-f]{64}$/);
  });
}

/** Paths below `spec`, with what is said of them. */
function listUnder(path: string, { properties, items, description = '', default: usual }: JsonSchema): string[][] {
  if (items?.properties !== undefined) return listUnder(`${path}[]`, items);
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, member]) =>
      listUnder(path === '' ? name : `${path}.${name}`, member),
    );
  }
  return [[path, typeof usual === 'string' ? `${description} (default: \`${usual}\`)` : description]];
}

test('docs/policy.md lists every setting, with what it means', () => {
  const rows = [...page.matchAll(/^\| `([a-zA-Z.[\]]+)` +\| (.+?) +\|$/gm)].map(([, path, help]) => [path, help]);
  const spec = policyJsonSchema().properties?.['spec'] ?? {};
  const expected = listUnder('', spec);
  const byPath = (a: readonly unknown[], b: readonly unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);
  assert.deepEqual(rows.toSorted(byPath), expected.toSorted(byPath));
});

test('every kind of rule but two has a member of its name', () => {
  const members = Object.keys(policyJsonSchema().properties?.['spec']?.properties?.['rules']?.items?.properties ?? {});
  assert.deepEqual(
    ruleKinds.filter((kind) => !members.includes(kind)),
    ['digest', 'expression'],
  );
});

test('docs/policy.md tells the limits', () => {
  const { rules, signers, exceptions } = policyLimits;
  assert.match(page, new RegExp(`${rules} rules, ${signers} signers and ${exceptions} exceptions`));
});
