import type { Stage } from '../stage.ts';
import type { StockedRegistry } from './registry.ts';

/** Signs the image, attests its bill of materials, and verifies both, as cosign does. */
export async function showSigning(stage: Stage, { image }: StockedRegistry): Promise<void> {
  stage.title('Sign it, attest its bill of materials, and verify both (cosign reads all of it)');
  const [key, pub] = [stage.path('cosign.key'), stage.path('cosign.pub')];
  await stage.type(['generate-key-pair', '--output-key-prefix', stage.path('cosign')]);
  stage.say('\nWithout the public transparency log, which would be asked over the network:');
  await stage.type(['sign', '--key', key, '--tlog-upload=false', image]);
  await stage.type([
    'attest',
    '--key',
    key,
    '--tlog-upload=false',
    '--type',
    'cyclonedx',
    '--predicate',
    stage.path('app.cdx.json'),
    image,
  ]);
  const trust = ['--key', pub, '--insecure-ignore-tlog'];
  await stage.type(['verify', ...trust, image]);
  await stage.type(['verify-attestation', ...trust, '--type', 'cyclonedx', image], { characters: 260 });
  await stage.type(['tree', image]);
}
