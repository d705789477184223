import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { makeCertificate } from '../../testing/registry/certificate.ts';
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

test("cosign's second switch takes a registry with TLS that nobody vouches for, and one without TLS", async () => {
  const { cert, key } = makeCertificate('127.0.0.1');
  await using secured = await serveImage({ tls: { cert, key } });
  await using plain = await serveImage();
  for (const host of [
    secured.host,
    secured.host.replace('127.0.0.1', '0.0.0.0'),
    plain.host.replace('127.0.0.1', '0.0.0.0'),
  ]) {
    const args = ['tree', `${host}/app:v1`];
    assert.equal((await place.run(args)).status, 14, host);
    const loose = await place.run([...args, '--allow-insecure-registry']);
    assert.equal(loose.status, 0, `${host}: ${loose.stderr}`);
    const http = await place.run([...args, '--allow-http-registry']);
    assert.equal(http.status, host.endsWith(secured.host.split(':')[1] as string) ? 14 : 0, `${host}: ${http.stderr}`);
  }
});
