import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNetwork } from '../src/net/open-network.ts';
import { RegistryClient } from '../src/oci/client/registry-client.ts';
import { fetchManifest } from '../src/oci/client/fetch-manifest.ts';
import { encodeBundle } from '../src/signing/bundle/encode.ts';
import { bundleMediaType } from '../src/signing/bundle/media-type.ts';
import { parseBundle } from '../src/signing/bundle/parse.ts';
import { attachBundle } from '../src/signing/cosign/write-bundle.ts';
import { localSigner } from '../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../src/signing/key/private-key.ts';
import { formatPublicKey } from '../src/signing/key/public-key-pem.ts';
import { signStatement } from '../src/signing/sign/sign-entity.ts';
import type { Signer } from '../src/signing/signer.ts';
import { buildSignStatement } from '../src/signing/statement/build.ts';
import { signPredicateType } from '../src/signing/statement/predicate-type.ts';
import { parseTrustedRoot } from '../src/signing/trust/parse-trusted-root.ts';
import { type StatementPolicy, verifyStatement } from '../src/signing/verify/verify-statement.ts';
import { findProgram } from '../testing/registry/find-program.ts';
import { makeSyntheticImage, storeImage } from '../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../testing/registry/test-registry.ts';
import { startTestSigstore } from '../testing/sigstore.ts';
import { median, run } from './measure.ts';
import type { Line, Workspace } from './workspace.ts';

const rounds = 15;
const count = 1000;

/**
 * How long it takes to verify an image that a key signed and a log holds: as a whole process beside cosign, and a thousand
 * of them in one process whose registry data is at hand.
 */
export async function verifyBench(space: Workspace): Promise<Line[]> {
  await using registry = await startTestRegistry();
  await using sigstore = await startTestSigstore();
  const network = openNetwork();
  const { privateKey, publicKey } = await generateKeyPair();
  const signer = localSigner(privateKey);
  const services = { network, logs: [{ url: sigstore.url, version: 1 }], timestampAuthorities: [] } as const;
  const [keyFile, rootFile] = [join(space.folder, 'cosign.pub'), join(space.folder, 'trusted_root.json')];
  writeFileSync(keyFile, formatPublicKey(publicKey));
  writeFileSync(rootFile, JSON.stringify(sigstore.trustedRoot));

  const digest = storeImage(registry.store, 'app', '1', makeSyntheticImage([{ 'etc/app': 'app' }]));
  const remote = { client: new RegistryClient(network, registry.host), repository: 'app' };
  const { descriptor } = await fetchManifest(remote.client, 'app', digest);
  const bytes = await bundleOf(digest.slice('sha256:'.length), signer, services);
  const created = new Date();
  const content = 'dsse-envelope';
  const attached = { bytes, mediaType: bundleMediaType, content, predicateType: signPredicateType, created } as const;
  await attachBundle(remote, descriptor, attached);

  const args = ['verify', '--key', keyFile, '--trusted-root', rootFile, `${registry.host}/app@${digest}`];
  const cosign = findProgram('cosign');
  const ours: number[] = [];
  const theirs: number[] = [];
  // What either program keeps between runs is there before the first one counts.
  await timed(space.seaworthy(args));
  if (cosign !== undefined) await timed(run(cosign, [...args, '--allow-http-registry']));
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await timed(space.seaworthy(args)));
    if (cosign !== undefined) theirs.push(await timed(run(cosign, [...args, '--allow-http-registry'])));
  }
  const own = median(ours);
  const other = cosign === undefined ? Number.NaN : median(theirs);
  const rate = await manyInOneProcess(signer, services, sigstore.trustedRoot);
  return [
    { label: 'cosign verify, whole process', value: cosign === undefined ? 'not on PATH' : `${other.toFixed(0)} ms` },
    {
      label: 'seaworthy verify, whole process',
      value: `${own.toFixed(0)} ms${cosign === undefined ? '' : `: ${(own / other).toFixed(2)} x cosign`}`,
      bar: '<= 0.8 x cosign',
      ...(cosign === undefined ? {} : { met: own / other <= 0.8 }),
    },
    {
      label: `${count} verifications in one process`,
      value: `${rate.toFixed(0)} a second`,
      bar: '>= 1500',
      met: rate >= 1500,
    },
  ];
}

async function timed(running: ReturnType<typeof run>): Promise<number> {
  const { wall, status, stderr } = await running;
  if (status !== 0) throw new Error(`A verification failed: ${stderr}`);
  return wall;
}

type Services = Parameters<typeof signStatement>[2];

async function bundleOf(hex: string, signer: Signer, services: Services): Promise<Buffer> {
  const payload = buildSignStatement({ algorithm: 'sha256', hex }, new Map());
  return encodeBundle(await signStatement(payload, signer, services));
}

async function manyInOneProcess(signer: Signer, services: Services, trustedRoot: unknown): Promise<number> {
  const images: { readonly hex: string; readonly bytes: Buffer }[] = [];
  for (let at = 0; at < count; at += 1) {
    const hex = createHash('sha256').update(String(at)).digest('hex');
    images.push({ hex, bytes: await bundleOf(hex, signer, services) });
  }
  const policy: StatementPolicy = {
    trust: parseTrustedRoot(Buffer.from(JSON.stringify(trustedRoot)), 'trusted_root.json'),
    signer: { kind: 'key', keys: [{ name: 'cosign.pub', key: signer.publicKey }] },
    logs: 1,
    timestamps: 0,
    annotations: new Map(),
    checkSubject: true,
    predicateType: signPredicateType,
  };
  const verifyAll = async (): Promise<void> => {
    for (const { hex, bytes } of images) {
      await verifyStatement(parseBundle(bytes), { kind: 'digest', algorithm: 'sha256', hex }, policy, new Date());
    }
  };
  await verifyAll();
  const started = performance.now();
  await verifyAll();
  return (count * 1000) / (performance.now() - started);
}
