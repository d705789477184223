import assert from 'node:assert/strict';
import test, { after } from 'node:test';
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
