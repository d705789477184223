import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { needsProgram } from '../../../testing/registry/find-program.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { envelopeCases } from '../../../testing/signing/notation/envelope-cases.ts';
import { type NotationLab, openNotationLab } from '../../../testing/signing/notation/lab.ts';
import { caseRepository, layOut } from '../../../testing/signing/notation/lay-out.ts';
import { trustCases } from '../../../testing/signing/notation/trust-cases.ts';

const there = needsProgram('notation');
let lab: NotationLab;
let registry: TestRegistry;

before(async () => {
  if (there.skip !== false) return;
  lab = openNotationLab();
  registry = await startTestRegistry();
});

after(async () => {
  if (there.skip !== false) return;
  await Promise.all([lab[Symbol.asyncDispose](), registry.close()]);
});

for (const [name, one] of Object.entries({ ...envelopeCases, ...trustCases })) {
  const differ = one.theirs === undefined ? '' : `, but ${one.theirs.why}`;
  test(`notation and we judge ${name} as the specification does${differ}`, there, async () => {
    const digest = layOut(lab, registry, name, one);
    const metadata = Object.entries(one.metadata ?? {});
    const args = metadata.flatMap(([key, value]) => ['-m', `${key}=${value}`]);
    const theirs = await lab.theirs(registry.host, caseRepository, digest, ...args);
    const ours = await lab.ours(registry.host, caseRepository, digest, new Map(metadata));
    const holds = ours === undefined || ('verified' in ours && ours.verified.length > 0);
    const why = ours instanceof Error ? ours : ours?.failed.map(({ error }) => `${error.code} ${error.message}`);
    const told = `ours: ${String(why)}\ntheirs: ${theirs.output}`;
    assert.equal(holds, one.good === true, told);
    assert.equal(theirs.ok, one.theirs?.good ?? one.good === true, told);
  });
}
