import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { storeArtifact } from '../../testing/registry/attached.ts';
import { openSigningPlace, serveImage, unlogged } from './signing-place.ts';

const place = await openSigningPlace();
after(() => place[Symbol.dispose]());
await place.makeKey('one');

function sign(image: string, ...args: readonly string[]): ReturnType<typeof place.run> {
  return place.run(['sign', '--key', 'one.key', ...unlogged.sign, ...args, image]);
}

test('seaworthy tells a key that the user has not from one that could not be asked for', async () => {
  await using registry = await serveImage();
  await sign(registry.byDigest);
  place.write('no-key.pub', 'flotsam');
  place.write('app.txt', 'cargo');
  place.write('app.sig', Buffer.alloc(70, 1).toString('base64'));
  const [image, file] = [registry.name, 'app.txt'];
  const cases: readonly (readonly [key: string, status: number, code: string])[] = [
    ['absent.pub', 2, 'KEY_UNREADABLE'],
    ['.', 2, 'KEY_UNREADABLE'],
    ['env://ABSENT', 2, 'KEY_UNREADABLE'],
    ['no-key.pub', 2, 'KEY_INVALID'],
    ['https://key.invalid/cosign.pub', 14, 'KEY_UNAVAILABLE'],
    ['hashivault://key', 14, 'KEY_UNAVAILABLE'],
    ['k8s://ns/name', 14, 'KEY_UNAVAILABLE'],
  ];
  for (const [key, status, code] of cases) {
    const commands = [
      ['verify', '--key', key, ...unlogged.verify, image],
      ...(status === 14
        ? []
        : [
            ['verify-attestation', '--key', key, ...unlogged.verify, image],
            ['verify-blob', '--key', key, ...unlogged.verify, '--signature', 'app.sig', file],
            ['verify-blob-attestation', '--key', key, ...unlogged.verify, '--bundle', 'app.sig', file],
          ]),
    ];
    const env = { HOME: place.path, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '', VAULT_ADDR: '' };
    for (const args of commands) {
      const ended = await place.run(args, { env });
      assert.equal(ended.status, status, `${args.join(' ')}: ${ended.stderr}`);
      assert.match(ended.stderr, new RegExp(`^error ${code}: `, 'm'));
    }
    if (status === 2) {
      assert.equal((await place.run(['sign', '--key', key, ...unlogged.sign, registry.byDigest], { env })).status, 2);
    }
  }
});

test('seaworthy verify does not judge an image of which nothing that is attached can be read', async () => {
  await using registry = await serveImage();
  const subject = registry.byDigest.split('@')[1] as string;
  const bundle = { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', bytes: Buffer.from('{}') };
  // One that means to be a bundle, and is two.
  const artifactType = bundle.mediaType;
  storeArtifact(registry.store, 'app', { layers: [bundle, bundle], artifactType, subject });
  const commands = [
    ['verify', '--key', 'one.pub', ...unlogged.verify, registry.name],
    ['verify-attestation', '--type', 'custom', '--key', 'one.pub', ...unlogged.verify, registry.name],
  ];
  for (const args of commands) {
    const { status, stderr, stdout } = await place.run(args);
    assert.equal(status, 14, stderr);
    assert.match(stderr, /^sha256:.*2 layers.*\nerror SIGNATURES_UNAVAILABLE: .*\n$/);
    assert.equal(stdout.trim(), '');
  }
  // With one that was judged, its judgement counts.
  await sign(registry.byDigest);
  assert.equal((await place.run(commands[0] as string[])).status, 0);
  await place.makeKey('other');
  const other = await place.run(['verify', '--key', 'other.pub', ...unlogged.verify, registry.name]);
  assert.equal(other.status, 12, other.stderr);
});

test('seaworthy tells a folder that is not there from an image that is not there', async () => {
  await using registry = await serveImage();
  const verify = ['verify', '--key', 'one.pub', ...unlogged.verify];
  for (const [args, status, saying] of [
    [['load', '--dir', 'absent', registry.name], 2, /^error SETTING_INVALID: There is no folder absent; check --dir$/m],
    [
      [...verify, '--local-image', 'absent'],
      2,
      /^error SETTING_INVALID: There is no folder absent; check --local-image$/m,
    ],
    [['save', '--dir', 'new', `${registry.host}/app:absent`], 11, /^error IMAGE_NOT_FOUND/m],
  ] as const) {
    const ended = await place.run(args);
    assert.equal(ended.status, status, ended.stderr);
    assert.match(ended.stderr, saying);
  }
});
