import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:http';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/net/clock.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { formatPem } from '../../src/codec/pem/pem.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { Content } from '../../src/registry/content/content.ts';
import { loadGateRules } from '../../src/registry/gate/load-rules.ts';
import { openPolicyGate } from '../../src/registry/gate/open-gate.ts';
import { scansOf } from '../../src/registry/gate/scans-of.ts';
import type { Call } from '../../src/registry/pipeline/call.ts';
import type { Gate } from '../../src/registry/pipeline/gate.ts';
import type { Subject } from '../../src/registry/pipeline/subject.ts';
import { EvidenceCache } from '../../src/registry/scanning/evidence-cache.ts';
import { ScanQueue } from '../../src/registry/scanning/scan-queue.ts';
import { pack } from '../../src/scan/process/worker/pack.ts';
import { encodeBundle } from '../../src/signing/bundle/encode.ts';
import { bundleMediaType } from '../../src/signing/bundle/media-type.ts';
import { attachBundle } from '../../src/signing/cosign/write-bundle.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { signStatement } from '../../src/signing/sign/sign-entity.ts';
import { buildSignStatement } from '../../src/signing/statement/build.ts';
import { digestHex } from '../../src/oci/digest.ts';
import { requireManifest } from '../../src/registry/content/read-manifest.ts';
import { addScan, claimScan, finishScan } from '../../src/store/metadata/scans.ts';
import { buildImage, type BuiltImage } from '../../testing/image/image-builder.ts';
import { makeFinding } from '../../testing/policy/make-evidence.ts';
import { osRelease, dpkgDatabase } from '../../testing/package-files.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import type { Line } from '../workspace.ts';
import { writeDatabase, writePolicy } from './policy-file.ts';
import { type Serving, startRegistry } from './serve.ts';

const rounds = 5000;
const image = buildImage({ layers: [{ tar: [osRelease('debian', '12'), dpkgDatabase({ 'lib-1': '1.1.2-1' })] }] });

/** What the gate takes for an image of which all is known: inside the process, and by what answers take longer. */
export async function knownDigestBench(folder: string): Promise<Line[]> {
  return [...(await insideBench(folder)), ...(await overHttpBench(folder))];
}

/** The image is signed and has 300 findings. */
async function insideBench(folder: string): Promise<Line[]> {
  const { privateKey, publicKey } = await generateKeyPair();
  const pem = formatPem({ label: 'PUBLIC KEY', bytes: publicKey.spki }).trimEnd().replaceAll('\n', '\n            ');
  const signers = `    - {name: signed, signatures: {signers: [release]}}
  signers:
    - name: release
      keys:
        - pem: |
            ${pem}
`;
  const loaded = await loadGateRules({
    policies: [writePolicy(folder, signers)],
    holdMs: 0,
    retryAfterMs: 1000,
    platforms: [],
    exempt: [],
    logKeys: false,
  });
  let judge: Gate['judge'] | undefined;
  const openGate = (content: Content, origin: Call['origin']): Gate => {
    const { database } = content;
    const jobs = { addWithin: () => Promise.resolve(false), wake: () => undefined } as never;
    const evidence = new EvidenceCache(database);
    judge = openPolicyGate({
      content,
      origin,
      scans: scansOf(new ScanQueue({ database, jobs, evidence, clock: systemClock }), database, Date.now),
      rules: () => loaded?.rules,
      registry: () => 'registry.example',
      sourceOf: (repository) => `registry.example/${repository}`,
      repositoryOf: () => undefined,
      isCached: () => false,
      isExempt: () => false,
      clock: systemClock,
      observe: () => undefined,
    });
    return { enter: () => undefined, judge: () => undefined };
  };
  await using own = await startOwnRegistry({ gate: openGate });
  await using network = openNetwork();
  await push(own.url, image);
  const { descriptor } = image;
  const { digest } = descriptor;
  const payload = buildSignStatement({ algorithm: 'sha256', hex: digestHex(digest) }, new Map());
  const services = { network, logs: [], timestampAuthorities: [] };
  const bytes = encodeBundle(await signStatement(payload, localSigner(privateKey), services));
  const bundle = { bytes, mediaType: bundleMediaType, content: 'dsse-envelope', created: new Date(0) } as const;
  await attachBundle({ client: new RegistryClient(network, own.host), repository: 'app' }, descriptor, bundle);
  const { content, origin } = own.registry;
  await fillEvidence(content, digest);
  const record = await requireManifest(content, { repository: 'app', tag: 'v1' });
  const call = {
    method: 'GET',
    signal: new AbortController().signal,
    identity: { kind: 'anonymous', name: '' },
    request: {} as IncomingMessage,
    content,
    origin,
    may: () => true,
  } as unknown as Call;
  const layer = image.layers[0]?.digest as Digest;
  const lines: Line[] = [];
  for (const [what, subject] of [
    ['manifest by tag', { kind: 'manifest-out', repository: 'app', tag: 'v1', record }],
    ['layer', { kind: 'blob-out', repository: 'app', digest: layer }],
  ] as const satisfies readonly (readonly [string, Subject])[]) {
    const times: number[] = [];
    for (let round = 0; round < rounds + 500; round += 1) {
      const since = performance.now();
      await judge?.(subject, call);
      if (round >= 500) times.push(performance.now() - since);
    }
    lines.push(...timeLines(`decision in the process, ${what}`, times));
  }
  return lines;
}

async function fillEvidence({ database }: Content, digest: Digest): Promise<void> {
  const findings = Array.from({ length: 300 }, (_, at) => makeFinding({ id: `CVE-2026-${at}`, severity: 'LOW' }));
  const content = await pack(JSON.stringify({ problems: [], findings }));
  const now = Date.now();
  await database.transaction(async (queries) => {
    await addScan(queries, digest, 'app', now);
    await claimScan(queries, digest, { claim: 'bench', now, until: now + 1000 });
    const facts = {
      signature: 'bench',
      isIncomplete: false,
      packages: 0,
      facts: '{"packages":[]}',
      inventory: content,
    };
    await finishScan(queries, digest, 'bench', { ...facts, builtAt: now, content }, now);
  });
}

/** Two servers that scan; one of them has a policy too. Each request to one is followed by one to the other. */
async function overHttpBench(folder: string): Promise<Line[]> {
  const database = await writeDatabase(folder);
  const scanning = { enabled: true, database };
  const gate = { policies: [writePolicy(folder)], hold: '1m', platforms: ['linux/amd64'] };
  mkdirSync(join(folder, 'known'), { recursive: true });
  await using without = await startRegistry(join(folder, 'known', 'without'), { scanning });
  await using judged = await startRegistry(join(folder, 'known', 'with'), { scanning, gate });
  const agent = new Agent({ keepAlive: true });
  const ask = async ({ url }: Serving): Promise<number> => {
    const since = performance.now();
    await new Promise<void>((resolve, reject) => {
      get(`${url}/v2/app/manifests/v1`, { agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`It was answered ${response.statusCode}`));
        response.on('end', resolve).resume();
      }).on('error', reject);
    });
    return performance.now() - since;
  };
  try {
    for (const { url } of [without, judged]) await push(url, image);
    const times = { without: [] as number[], judged: [] as number[] };
    for (let round = 0; round < rounds + 500; round += 1) {
      const one = await ask(without);
      const other = await ask(judged);
      if (round < 500) continue;
      times.without.push(one);
      times.judged.push(other);
    }
    const [alone, behind] = [quantiles(times.without), quantiles(times.judged)];
    const more = behind.median - alone.median;
    return [
      { label: 'over HTTP without a policy, median and p99', value: `${ms(alone.median)}, ${ms(alone.p99)}` },
      { label: 'over HTTP with one, median and p99', value: `${ms(behind.median)}, ${ms(behind.p99)}` },
      { label: 'difference of the medians', value: ms(more), bar: '1 ms', met: more <= 1 },
      {
        label: 'difference of the p99',
        value: ms(behind.p99 - alone.p99),
        bar: '1 ms',
        met: behind.p99 - alone.p99 <= 1,
      },
    ];
  } finally {
    agent.destroy();
  }
}

async function push(url: string, { blobs, descriptor }: BuiltImage): Promise<void> {
  const send = async (method: string, path: string, body: Uint8Array, type?: string): Promise<void> => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const { status } = await fetch(`${url}/v2/app/${path}`, { method, body: Buffer.from(body), headers });
    if (status !== 201) throw new Error(`It was answered ${status}`);
  };
  for (const [digest, bytes] of blobs) {
    if (digest !== descriptor.digest) await send('POST', `blobs/uploads/?digest=${digest}`, bytes);
  }
  await send('PUT', 'manifests/v1', blobs.get(descriptor.digest) as Buffer, descriptor.mediaType);
}

function timeLines(label: string, times: readonly number[]): Line[] {
  const { median, p99 } = quantiles(times);
  return [
    { label: `${label}, median`, value: ms(median), bar: '1 ms', met: median <= 1 },
    { label: `${label}, p99`, value: ms(p99), bar: '1 ms', met: p99 <= 1 },
  ];
}

function quantiles(times: readonly number[]): { readonly median: number; readonly p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99) };
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(3)} ms`;
}
