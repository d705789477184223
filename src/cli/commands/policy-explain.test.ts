import assert from 'node:assert/strict';
import { test } from 'node:test';
import { named, openPipelineScene } from '../../../testing/policy/pipeline-scene.ts';

const { scene, image, policy } = await openPipelineScene();
const { registry } = scene;

test('policy explain tells where each signer was looked for, what was found, and what would change it', async () => {
  const { status, out } = await policy('explain', ...named('others.yaml', 'elsewhere.yaml', 'signers.yaml'), image);
  assert.equal(status, 40);
  assert.match(
    out,
    new RegExp(`signer theirs: \\d found in ${registry.host}/team/app about ${scene.digest}, of which \\d may be`),
  );
  assert.match(out, /bundle sha256:[0-9a-f]{64}: does not count: The signature was not made with the key/);
  assert.match(out, /what would change it: let them sign it/);
  assert.match(out, /elsewhere\/signatures is not about it: it counts at other gates than a pipeline: admission/);
  assert.match(out, /\nDenied\n$/);
});

test('policy explain tells of keys that count, of exceptions used and ended, and until when it holds', async () => {
  const { status, out } = await policy('explain', ...named('signed.yaml', 'excepted.yaml', 'signers.yaml'), image);
  assert.match(out, /bundle sha256:[0-9a-f]{64}: counts, by key sha256:/);
  assert.match(out, /the exception "soon" is used/);
  assert.match(out, /The exception "soon" of team-a holds until 2027-01-01T00:00:00Z: they are on holiday/);
  assert.match(out, /It may be another verdict from 2027-01-01T00:00:00Z on\./);
  assert.equal(status, 0);
});

test('policy explain tells what policies of Kyverno looked at, and in JSON all of it', async () => {
  const args = ['--policy', 'kyverno-theirs.yaml', '--namespace', 'shop', image];
  const text = await policy('explain', ...args);
  assert.match(text.out, /kyverno-theirs\/rule \(kyverno, about the object, deny\): violated/);
  assert.match(text.out, /signer .*: \d found in .*\/team\/app about sha256:/);
  assert.match(text.out, /kyverno-theirs\/autogen-rule is not about it: it is about .*Deployment/);
  const { out } = await policy('explain', '-f', 'json', ...args);
  const [{ looked, notAbout } = {}] = (JSON.parse(out) as { images: { looked?: unknown[]; notAbout?: unknown[] }[] })
    .images;
  assert.ok((looked ?? []).length > 1 && (notAbout ?? []).length > 0);
});
