import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TemporaryDirectory, temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { simpleSigning, testBundle, testEnvelope } from '../../../testing/registry/attached-image.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import type { Digest } from '../../oci/digest.ts';
import { attachmentTag, type TaggedKind } from '../../signing/cosign/tags.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { type AttachAttestationOptions, attachAttestationCommand } from './attach-attestation.ts';
import { type AttachSbomOptions, attachSbomCommand } from './attach-sbom.ts';
import { type AttachSignatureOptions, attachSignatureCommand } from './attach-signature.ts';
import { downloadAttestationCommand, downloadSignatureCommand } from './download.ts';

interface Desk extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly folder: TemporaryDirectory;
  readonly image: string;
  readonly digest: Digest;
  run(
    work: (resolved: ReturnType<typeof plainSettings>, host: Host) => Promise<number>,
    around?: Around,
  ): Promise<Ended>;
}

interface Around {
  readonly settings?: Partial<Settings>;
  readonly stdin?: string;
}

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function openDesk(): Promise<Desk> {
  const registry = await startTestRegistry();
  const folder = temporaryDirectory();
  const digest = storeImage(registry.store, 'team/app', 'v1', makeSyntheticImage([{ a: 'a' }])) as Digest;
  return {
    registry,
    folder,
    image: `${registry.host}/team/app:v1`,
    digest,
    run: async (work, { settings = {}, stdin = '' } = {}) => {
      const { host, out, err } = plainHost(folder.path, { stdin });
      return { status: await work(plainSettings(settings), host), out: out(), err: err() };
    },
    [Symbol.asyncDispose]: async () => {
      folder[Symbol.dispose]();
      await registry.close();
    },
  };
}

function layersAt({ registry, digest }: Desk, kind: TaggedKind, prefix?: string) {
  const stored = registry.store.manifest('team/app', attachmentTag(digest, kind, prefix));
  if (stored === undefined) return [];
  const { layers } = JSON.parse(Buffer.from(stored.bytes).toString()) as {
    layers: { mediaType: string; digest: string; annotations?: Record<string, string> }[];
  };
  return layers.map(({ mediaType, digest: blob, annotations = {} }) => ({
    mediaType,
    text: Buffer.from(registry.store.blob('team/app', blob) ?? '').toString(),
    annotations,
  }));
}

const attachSbom = (desk: Desk, options: AttachSbomOptions, around?: Around, name = desk.image): Promise<Ended> =>
  desk.run((resolved, host) => attachSbomCommand(name, options, resolved, host), around);
const attachSignature = (desk: Desk, options: AttachSignatureOptions, name = desk.image): Promise<Ended> =>
  desk.run((resolved, host) => attachSignatureCommand(name, options, resolved, host));
const attachAttestation = (desk: Desk, options: AttachAttestationOptions, around?: Around): Promise<Ended> =>
  desk.run((resolved, host) => attachAttestationCommand(desk.image, options, resolved, host), around);

test('attach sbom puts a file or standard input at the .sbom tag', async () => {
  await using desk = await openDesk();
  desk.folder.write('app.json', '{"bomFormat":"CycloneDX"}');
  const { status, out, err } = await attachSbom(desk, { sbom: 'app.json' });
  assert.deepEqual([status, out], [0, '']);
  assert.match(err, /^Attached the SBOM \(application\/vnd\.cyclonedx\+json\) to .+ Nobody signed it; [^\n]+\n$/);
  assert.deepEqual(layersAt(desk, 'sbom'), [
    { mediaType: 'application/vnd.cyclonedx+json', text: '{"bomFormat":"CycloneDX"}', annotations: {} },
  ]);
  const quiet = { settings: { quiet: true }, stdin: 'SPDXVersion: SPDX-2.3' };
  assert.equal((await attachSbom(desk, { sbom: '-', tagPrefix: 'test-' }, quiet)).err, '');
  assert.deepEqual(layersAt(desk, 'sbom', 'test-'), [
    { mediaType: 'text/spdx', text: 'SPDXVersion: SPDX-2.3', annotations: {} },
  ]);
});

test('attach says what is wrong with what it was given, and attaches nothing', async () => {
  await using desk = await openDesk();
  const { digest, folder } = desk;
  folder.write('what.json', '{"what":1}');
  folder.write('payload.json', simpleSigning(digest));
  folder.write('signature', 'AAAA');
  folder.write('key.pem', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n');
  folder.write(
    'two.json',
    JSON.stringify({ ...testEnvelope(digest, 'https://a.b/c'), signatures: [{ sig: 'AAAA' }, { sig: 'AAAA' }] }),
  );
  folder.write('bundle.json', testBundle(digest, 'https://a.b/c').replace('v0.3+json', 'v0.9+json'));
  const pair = { payload: 'payload.json', signature: 'signature' };
  const wrong: readonly (readonly [work: () => Promise<Ended>, code: RegExp])[] = [
    [() => attachSbom(desk, { sbom: 'none.json' }), /none\.json cannot be read .+ check --sbom/],
    [() => attachSbom(desk, { sbom: 'what.json' }), /Nothing says what the SBOM is/],
    [() => attachSignature(desk, {}), /comes as --bundle, or as --signature and --payload/],
    [() => attachSignature(desk, { signature: 'signature' }), /comes as --bundle/],
    [() => attachSignature(desk, { ...pair, bundle: 'bundle.json' }), /one or the other/],
    [() => attachSignature(desk, { ...pair, rekorResponse: 'what.json' }), /--rekor-response cannot be read/],
    [() => attachAttestation(desk, { attestation: [] }), /add --attestation/],
    [() => attachAttestation(desk, { attestation: ['signature'] }), /neither a JSON object nor one on each line/],
    [() => attachAttestation(desk, { attestation: ['what.json'] }), /neither a bundle nor an envelope/],
    [() => attachAttestation(desk, { attestation: ['two.json'] }), /not exactly one signature/],
  ];
  for (const [work, saying] of wrong) {
    await assert.rejects(work, (error) => error instanceof ConfigError && saying.test(error.message), String(saying));
  }
  for (const [ended, code] of [
    [await attachSignature(desk, { ...pair, certificate: 'key.pem' }), 'SIGNER_KIND'],
    [await attachSignature(desk, { ...pair, certificateChain: 'key.pem' }), 'SIGNATURE_MALFORMED'],
    [await attachSignature(desk, { ...pair, signature: 'payload.json' }), 'SIGNATURE_MALFORMED'],
    [await attachSignature(desk, { bundle: 'payload.json' }), 'SIGNATURE_UNSUPPORTED'],
    [await attachSignature(desk, { payload: 'bundle.json' }), 'SIGNATURE_UNSUPPORTED'],
    [await attachAttestation(desk, { attestation: ['bundle.json'] }), 'SIGNATURE_UNSUPPORTED'],
  ] as const) {
    assert.match(ended.err, new RegExp(`^error ${code}: [^\\n]+\\n$`));
    assert.equal(ended.status, 2);
  }
  const writes = desk.registry.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  assert.deepEqual(writes, []);
});

test('attach says 11 of an image that is not there', async () => {
  await using desk = await openDesk();
  desk.folder.write('app.json', '{"bomFormat":"CycloneDX"}');
  const absent = `${desk.registry.host}/team/app@sha256:${'0'.repeat(64)}`;
  const { status, err } = await attachSbom(desk, { sbom: 'app.json' }, {}, absent);
  assert.match(err, /^error IMAGE_NOT_FOUND: /);
  assert.equal(status, 11);
});

test('attach signature adds what was made elsewhere, once, in the older form', async () => {
  await using desk = await openDesk();
  const { digest, folder } = desk;
  folder.write('payload.json', simpleSigning(digest));
  folder.write('signature', ' AAAA\n');
  folder.write('tsr', 'stamp');
  const promise = {
    SignedEntryTimestamp: 'AAAA',
    Payload: {
      body: 'eyJraW5kIjoiYSIsImFwaVZlcnNpb24iOiJiIn0=',
      integratedTime: 1,
      logIndex: 2,
      logID: 'ab'.repeat(32),
    },
  };
  folder.write('rekor.json', JSON.stringify(promise));
  const options = { payload: 'payload.json', signature: 'signature', tsr: 'tsr', rekorResponse: 'rekor.json' };
  for (let time = 0; time < 2; time += 1) {
    const { status, err } = await attachSignature(desk, options);
    assert.deepEqual([status, err], [0, `Attached the signature to ${desk.image} (${digest})\n`]);
  }
  const raw = 'MEUCIAH9fD6LEVmWlLNmHeImoWloCrqCTWqxYUJFxk1WkCzgAiEAphozbx/ldI6viDQ7d7MFaadAA+OKf9OIU7AYxyH1d4o=';
  await attachSignature(desk, { payload: 'payload.json', signature: raw });
  assert.deepEqual(
    layersAt(desk, 'signature').map(({ annotations }) => annotations),
    [
      {
        'dev.cosignproject.cosign/signature': 'AAAA',
        'dev.sigstore.cosign/bundle': JSON.stringify(promise),
        'dev.sigstore.cosign/rfc3161timestamp': '{"SignedRFC3161Timestamp":"c3RhbXA="}',
      },
      { 'dev.cosignproject.cosign/signature': raw },
    ],
  );
});

test('attach warns of what is about another image', async () => {
  await using desk = await openDesk();
  const other = `sha256:${'1'.repeat(64)}`;
  const warning = new RegExp(`^What is attached is about ${other}, not about .+${desk.digest}`, 'm');
  desk.folder.write('payload.json', simpleSigning(other));
  desk.folder.write('no-payload', 'x');
  desk.folder.write('signature', 'AAAA');
  desk.folder.write('envelope.json', JSON.stringify(testEnvelope(other, 'https://a.b/c')));
  desk.folder.write('bundle.json', testBundle(other, 'https://a.b/c'));
  assert.match((await attachSignature(desk, { payload: 'payload.json', signature: 'signature' })).err, warning);
  assert.match(
    (await attachSignature(desk, { payload: 'no-payload', signature: 'signature' })).err,
    /^What is attached is about nothing/,
  );
  assert.match((await attachAttestation(desk, { attestation: ['envelope.json'] })).err, warning);
  assert.match((await attachAttestation(desk, { attestation: ['bundle.json'] })).err, warning);
  assert.match((await attachSignature(desk, { bundle: 'bundle.json' })).err, warning);
});

test('attach attestation attaches bundles as referrers and envelopes at the .att tag, of files and lines', async () => {
  await using desk = await openDesk();
  const { digest, folder, image } = desk;
  const [one, two] = ['https://example.com/one', 'https://example.com/two'].map((type) =>
    JSON.stringify(testEnvelope(digest, type)),
  ) as [string, string];
  const bundles = ['https://example.com/three', 'https://example.com/four'].map((type) => testBundle(digest, type));
  folder.write('mixed.jsonl', `${one}\n${bundles[0]}\n`);
  folder.write('bundle.json', JSON.stringify(JSON.parse(bundles[1] as string), undefined, 2));
  const attestation = ['mixed.jsonl', 'bundle.json', '-'];
  const { status, err } = await attachAttestation(desk, { attestation }, { stdin: two });
  assert.deepEqual([status, err], [0, `Attached 4 attestations to ${image} (${digest})\n`]);
  assert.deepEqual(
    layersAt(desk, 'attestation').map(({ text, annotations }) => [text, annotations['predicateType']]),
    [
      [one, 'https://example.com/one'],
      [two, 'https://example.com/two'],
    ],
  );
  const downloaded = await desk.run((resolved, host) => downloadAttestationCommand(image, {}, resolved, host));
  const lines = downloaded.out.trim().split('\n');
  assert.deepEqual(lines.slice(0, 2).sort(), [...bundles].sort());
  assert.deepEqual(lines.slice(2), [one, two]);
});

test('attach signature attaches a bundle as it is', async () => {
  await using desk = await openDesk();
  const { digest, folder, image } = desk;
  const signs = testBundle(digest, 'https://sigstore.dev/cosign/sign/v1');
  const message = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'aGludA==' } },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.alloc(32).toString('base64') },
      signature: 'AAAA',
    },
  });
  folder.write('signs.json', signs);
  folder.write('message.json', message);
  assert.equal((await attachSignature(desk, { bundle: 'signs.json' })).status, 0);
  assert.equal((await attachSignature(desk, { payload: 'message.json' })).status, 0);
  const { out } = await desk.run((resolved, host) => downloadSignatureCommand(image, {}, resolved, host));
  assert.deepEqual(out.trim().split('\n').sort(), [signs, message].sort());
});
