import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { dockerArchive, layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import type { BuiltContent } from '../../testing/image/image-builder.ts';
import { freePort } from '../../testing/free-port.ts';
import { seedDeployment, seedNodes } from '../../testing/kubernetes/cluster/scan-world.ts';
import { startFakeApiServer } from '../../testing/kubernetes/fake-api-server.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { openNotationLab } from '../../testing/signing/notation/lab.ts';
import { caseRepository, layOut } from '../../testing/signing/notation/lay-out.ts';
import { startTestSigstore } from '../../testing/sigstore.ts';
import { launcher } from '../end-to-end/program.ts';
import { appLayer, baseLayer, openWorkplace, sampleImage } from '../end-to-end/sample.ts';

/** How a line ended, with what it said on both streams. */
export interface LineEnded {
  readonly status: number | null;
  readonly output: string;
}

/** A folder in which the lines of one section are run, with all that they name. */
export interface MigrationPlace extends AsyncDisposable {
  readonly path: string;
  /** Runs a line as a shell would. */
  run(line: string): Promise<LineEnded>;
  /** Runs one that does not end by itself, until it says something, and interrupts it then. */
  runUntil(line: string, saying: string): Promise<LineEnded>;
}

const sampleLock = {
  lockfileVersion: 3,
  packages: {
    'node_modules/lodash': { version: '4.17.20' },
    'node_modules/other': { version: '1.0.0', dev: true },
  },
};

/** Milliseconds after which a line that does not end is killed. */
const patience = 60_000;

/**
 * Opens one. It has an image of three packages with known flaws: `$REGISTRY/app:1.4` in a registry of our own, the layout `image`, `app.tar`,
 * and unpacked in `rootfs`. `source` has a lock file of npm, with one more flaw for development. `$OTHER` is another registry, `$NOTED` an image that notation's way of signing was used for, `$TUF` the
 * repository of a sigstore with the root `root.json`, and `$TOKEN` says there who one is. The kubeconfig leads to a cluster
 * that runs the image.
 *
 * @param tools folders of programs besides ours
 */
export async function openMigrationPlace(tools: readonly string[] = []): Promise<MigrationPlace> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await openWorkplace());
  const registry = stack.use(await startOwnRegistry());
  const other = stack.use(await startOwnRegistry());
  const sigstore = stack.use(await startTestSigstore());
  const cluster = stack.use(await startFakeApiServer());
  const notation = stack.use(openNotationLab());
  const notary = await startTestRegistry();
  stack.defer(() => notary.close());
  const noted = layOut(notation, notary, 'good', {
    statement: { trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'] },
  });
  const image = sampleImage();
  await push(registry, 'app', '1.4', image);
  seedNodes(cluster);
  for (const [namespace, name] of [
    ['shop', 'web'],
    ['shop', 'jobs'],
    ['kube-system', 'agent'],
  ] as const) {
    seedDeployment(cluster, namespace, name, {
      image: `${registry.host}/app:1.4`,
      digests: [image.descriptor.digest],
    });
  }
  const { path } = place;
  writeFiles(join(path, 'image'), layoutFiles([{ content: image, refName: '1.4' }]));
  writeFileSync(join(path, 'app.tar'), dockerArchive([{ image, repoTags: ['app:1.4'] }]));
  const unpacked = [...baseLayer, ...appLayer].map(({ name, body }) => [name, Buffer.from(body as string)] as const);
  writeFiles(join(path, 'rootfs'), new Map(unpacked));
  writeFiles(join(path, 'source'), new Map([['package-lock.json', Buffer.from(JSON.stringify(sampleLock))]]));
  writeFileSync(join(path, 'root.json'), sigstore.tufRoot);
  writeFileSync(join(path, 'kubeconfig'), cluster.kubeconfig());
  writeFileSync(join(path, 'ca.crt'), makeCertificate('authority').cert);
  mkdirSync(join(path, 'bin'));
  symlinkSync(launcher, join(path, 'bin', 'seaworthy'));
  const env = {
    ...place.env,
    PATH: [join(path, 'bin'), dirname(process.execPath), ...tools, '/usr/bin', '/bin'].join(delimiter),
    TMPDIR: path,
    NO_COLOR: '1',
    XDG_CONFIG_HOME: notation.folder,
    REGISTRY: registry.host,
    OTHER: other.host,
    NOTED: `${notary.host}/${caseRepository}@${noted}`,
    DIGEST: image.descriptor.digest,
    TUF: sigstore.tufUrl,
    ISSUER: sigstore.issuers.email,
    TOKEN: sigstore.token(),
    KUBECONFIG: join(path, 'kubeconfig'),
    PORT: String(await freePort()),
    COSIGN_PASSWORD: 'a pass',
  };
  const kept = stack.move();
  const runLine = (line: string, saying?: string): Promise<LineEnded> =>
    new Promise((resolve, reject) => {
      // A group of its own, since a shell does not hand on what it is told.
      const child = spawn('sh', ['-c', line], { cwd: path, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      const tell = (signal: NodeJS.Signals): void => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
      };
      const limit = setTimeout(tell, patience, 'SIGKILL');
      let output = '';
      let isTold = false;
      const hear = (chunk: string): void => {
        output += chunk;
        if (isTold || saying === undefined || !output.includes(saying)) return;
        isTold = true;
        tell('SIGINT');
      };
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
      child.on('error', reject);
      child.on('close', (status) => {
        clearTimeout(limit);
        resolve({ status, output });
      });
    });
  // The program in the place of its shell, so that the status is its own.
  const runUntil: MigrationPlace['runUntil'] = (line, saying) => runLine(`exec ${line}`, saying);
  return { path, run: (line) => runLine(line), runUntil, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function push(registry: OwnRegistry, repository: string, tag: string, image: BuiltContent): Promise<void> {
  const { mediaType, digest } = image.descriptor;
  for (const [name, bytes] of image.blobs) if (name !== digest) await registry.pushBlob(repository, bytes);
  const body = image.blobs.get(digest) as Buffer;
  const { status } = await registry.ask('PUT', `${repository}/manifests/${tag}`, {
    headers: { 'content-type': mediaType },
    body,
  });
  if (status !== 201) throw new Error(`The manifest was answered ${status}`);
}
