import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeArtifact } from '../../../testing/registry/attached.ts';
import { sources } from '../../../testing/registry/copy-stage.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { findAllAttachments } from './find-all.ts';

test('findAllAttachments() follows no chain without end', async () => {
  await using registry = await startTestRegistry();
  await using network = openNetwork();
  const remote = { client: new RegistryClient(network, registry.host), repository: sources };
  const first = `sha256:${'ab'.repeat(32)}` as Digest;
  let subject: string = first;
  for (let depth = 0; depth < 6; depth += 1) {
    subject = storeArtifact(registry.store, sources, { artifactType: 'a/b', layers: [], subject }).digest;
  }
  await assert.rejects(findAllAttachments(remote, [first]), { name: 'SigningError', code: 'LIMIT_EXCEEDED' });
});
