import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, buildIndex } from '../../../testing/image/image-builder.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Rule } from '../../policy/model.ts';
import type { FoundManifest, Origin } from '../pipeline/origin.ts';

const content = buildImage({ layers: [{ tar: [{ name: 'a', body: 'a' }] }] });
const { descriptor, config } = content;
const notRoot: Rule = { name: 'no-root', action: 'deny', kind: 'config', nonRoot: true, labels: {} };

/** An upstream that begins to send one thing and then stalls, and a gate whose time is over as soon as it does. */
async function withStalled(
  rules: readonly Rule[],
  stalled: Digest,
  unknown: 'allow' | 'deny' = 'deny',
): Promise<GatedRegistry> {
  const over = new AbortController();
  const stall = (signal: AbortSignal): Promise<never> => {
    over.abort(new DOMException('The time is over', 'TimeoutError'));
    return new Promise((_resolve, reject) => {
      const end = (): void => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  };
  const origin = (real: Origin): Origin => ({
    ...real,
    findManifest: (name, signal): Promise<FoundManifest> =>
      'digest' in name && name.digest === stalled ? stall(signal()) : real.findManifest(name, signal),
    findBlob: (repository, digest, signal) =>
      digest === stalled ? stall(signal()) : real.findBlob(repository, digest, signal),
    listTags: (...given) => real.listTags(...given),
    listReferrers: (...given) => real.listReferrers(...given),
  });
  const gated = await startGatedRegistry({ rules, unknown }, {}, { origin, timeLimit: () => over.signal });
  gated.use({ rules, unknown }, { platforms: ['linux/amd64'] });
  gated.scans.set(descriptor.digest, { state: 'known', facts: { findings: [], incomplete: [] }, at: 0, revision: '1' });
  return gated;
}

for (const [rules, unknown, status] of [
  [[noCriticals], 'deny', 200],
  [[notRoot], 'deny', 429],
  [[notRoot], 'allow', 200],
] as const) {
  test(`holdUntilDecided() ends a look that stalls: ${rules[0].name}, unknown: ${unknown} gives ${status}`, async () => {
    await using gated = await withStalled(rules, config.digest, unknown);
    await gated.push('app', 'v1', content);
    const answer = await gated.own.ask('GET', 'app/manifests/v1');
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('retry-after'), status === 429 ? '5' : null);
    assert.equal(gated.events.filter(({ kind }) => kind === 'held').length, status === 429 ? 1 : 0);
  });
}

test('holdUntilDecided() sends clients away where a look stalls before anything can be told', async () => {
  await using gated = await withStalled([noCriticals], descriptor.digest);
  const index = buildIndex([{ content, platform: { os: 'linux', architecture: 'amd64' } }]);
  const digest = await gated.push('app', 'v1', index);
  const answer = await gated.own.ask('GET', 'app/manifests/v1');
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get('retry-after'), '5');
  assert.match(JSON.stringify(answer.json()), /still being looked at/);
  assert.deepEqual(gated.events.at(-1), { kind: 'held', repository: 'app', digest, rules: [] });
});
