import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openSigningPlace, serveImage, unlogged } from './signing-place.ts';

const place = await openSigningPlace();
after(() => place[Symbol.dispose]());
await place.makeKey('one');
place.write('app.cdx.json', '{ "bomFormat": "CycloneDX", "specVersion": "1.6" }');

test("commands about images take cosign's switch for registries without TLS, and none does without being asked", async () => {
  await using registry = await serveImage();
  const signed = await place.run(['sign', '--key', 'one.key', ...unlogged.sign, registry.byDigest]);
  assert.equal(signed.status, 0, signed.stderr);
  // The same registry by an address that is not loopback's, where plain HTTP needs no word.
  const host = registry.host.replace('127.0.0.1', '0.0.0.0');
  const image = `${host}/app:v1`;
  const commands = [
    ['verify', '--key', 'one.pub', ...unlogged.verify, image],
    ['tree', image],
    ['triangulate', image],
    ['download', 'signature', image],
    ['attach', 'sbom', '--sbom', 'app.cdx.json', image],
    ['copy', image, `${host}/copied/app:v1`],
    ['save', '--dir', 'saved', image],
    ['load', '--dir', 'saved', `${host}/loaded/app:v1`],
    ['clean', '--force', image],
  ];
  for (const args of commands) {
    if (args[0] !== 'load') {
      const strict = await place.run(args);
      assert.equal(strict.status, 14, `${args.join(' ')}: ${strict.stderr}`);
    }
    const loose = await place.run([...args, '--allow-http-registry']);
    assert.equal(loose.status, 0, `${args.join(' ')}: ${loose.stderr}`);
  }
});
