import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAdmissionScene, verifyPolicy } from '../../testing/admission/admission-scene.ts';
import { listen } from '../../testing/registry/listen.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';

const mine = localSigner((await generateKeyPair()).privateKey);

test('images that name what only the webhook reaches lead to no connection, and their denials do not tell what is there', async () => {
  let connections = 0;
  await using inside = await listen((_, response) => response.end('secret'));
  inside.server.on('connection', () => void (connections += 1));
  await using scene = await openAdmissionScene({ settings: { reach: { allow: [], deny: [], refuse: [] } } });
  await scene.lab.policies(JSON.stringify(verifyPolicy({ key: mine, references: ['*'] })));
  const said = new Set<string>();
  const targets = [
    `127.0.0.1:${inside.port}`,
    `localhost:${inside.port}`,
    '169.254.169.254',
    'metadata.google.internal',
    'kubernetes.default.svc',
    '127.0.0.1:1',
  ];
  for (const target of targets) {
    const message = await scene.create(`${target}/team/app:v1`).then(
      () => 'admitted',
      (error: Error) => error.message,
    );
    said.add(message.replaceAll(target, 'TARGET').replaceAll(/pod-\d+/g, 'POD'));
  }
  assert.equal(connections, 0);
  assert.equal(said.size, 1, [...said].join('\n'));
  assert.match([...said][0] ?? '', /TARGET cannot be asked from here; check the name of the image/);
});
