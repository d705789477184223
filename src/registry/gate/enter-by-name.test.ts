import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { startGatedCache } from '../../../testing/registry/gate/gated-cache.ts';
import { noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import type { Rule } from '../../policy/model.ts';

const notFromHub: Rule = {
  kind: 'source',
  name: 'not-from-hub',
  action: 'deny',
  deny: [{ glob: 'registry.example/hub.test/**' }],
};

test('what a rule about sources forbids is refused without asking its upstream, which may be down', async () => {
  await using cache = await startGatedCache();
  const { gated, upstream } = cache;
  const path = 'hub.test/team/app/manifests';
  const digest = `sha256:${'a'.repeat(64)}`;
  const asked = upstream.requests.length;
  gated.use({ rules: [notFromHub, noCriticals] });
  for (const reference of ['v1', digest]) {
    gated.events.length = 0;
    const { status, body } = await gated.own.ask('GET', `${path}/${reference}`);
    assert.equal(status, 403);
    assert.match(body.toString(), /DENIED[^]*not-from-hub[^]*is broken/);
    const [event] = gated.events;
    assert.deepEqual([event?.kind, event?.rules], ['denied', ['not-from-hub']]);
  }
  assert.equal(upstream.requests.length, asked);
  const { status } = await gated.own.ask('GET', `${path.replace('hub.test', 'hub.test/other')}/v1`);
  assert.equal(status, 403);
  const others: readonly (readonly [what: string, rule: Rule])[] = [
    ['only warns', { ...notFromHub, action: 'warn' }],
    ['is about another tag', { ...notFromHub, match: { tags: [{ glob: 'v2' }] } }],
    ['is about a platform', { ...notFromHub, match: { platforms: ['linux/arm64'] } }],
  ];
  for (const [what, rule] of others) {
    gated.use({ rules: [rule] });
    assert.equal((await gated.own.ask('GET', `${path}/v1`)).status, 404, what);
  }
  gated.use({ rules: [notFromHub] });
  gated.exempt = true;
  assert.equal((await gated.own.ask('GET', `${path}/v1`)).status, 404);
});

test('rules about names alone are decided though the config of an image is gone', async () => {
  await using gated = await startGatedRegistry(
    { rules: [{ kind: 'source', name: 'ours', action: 'deny', allow: [{ glob: 'registry.example/**' }] }] },
    {},
    {
      origin: (origin) => ({ ...origin, findBlob: () => Promise.reject(new Error('nobody is to read it')) }),
    },
  );
  await gated.push('app', 'v1', buildImage({ layers: [{ tar: [{ name: 'a', body: 'b' }] }] }));
  assert.equal((await gated.own.ask('GET', 'app/manifests/v1')).status, 200);
});
