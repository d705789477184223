import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import type { Discovery } from '../../kubernetes/discovery/model.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { systemClock } from '../../net/clock.ts';
import { kindNames } from './kind-names.ts';

const octopodes = { group: 'sea.example', version: 'v1', resource: 'octopodes' };
const { signal } = new AbortController();

function found(...kinds: readonly string[]): Discovery {
  const rest = { namespaced: true, preferred: true, verbs: [], subresources: ['scale'], singular: '', shortNames: [] };
  return { resources: kinds.map((kind) => ({ ...octopodes, ...rest, kind, categories: [] })), failures: [] };
}

test('kindNames() tells the kind of a custom resource, asks once for a while, and goes by what was while nobody answers', async () => {
  let now = 0;
  let asked = 0;
  let answer: Discovery | Error = found();
  const kindOf = kindNames({
    client: {
      discover() {
        asked += 1;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    clock: { ...systemClock, now: () => now },
    logger: silentLogger,
  });
  assert.equal(await kindOf(octopodes, signal), undefined);
  answer = found('Octopus');
  now += 3000;
  assert.equal(await kindOf(octopodes, signal), 'Octopus');
  assert.equal(await kindOf(octopodes, signal), 'Octopus');
  assert.equal(asked, 2);
  answer = new KubernetesError('UNREACHABLE', 'the API server is away');
  now += 600_000;
  assert.equal(await kindOf(octopodes, signal), 'Octopus');
  assert.equal(asked, 3);
  assert.equal(await kindOf({ group: 'apps', version: 'v1', resource: 'deployments' }, signal), undefined);
  assert.equal(asked, 3);
});
