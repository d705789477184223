import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { listen } from '../../testing/registry/listen.ts';
import { startTestSigstore } from '../../testing/sigstore.ts';
import { run } from '../end-to-end/program.ts';

// What the workflow of a release has npm do, by npm's own code: with a runner's environment, a token of its issuer, and a sigstore and a
// registry on loopback.

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');

/** The folder of npm's own packages; npm is a link to a script in it. */
const npm = findProgram('npm');
const libraries = npm === undefined ? '' : join(realpathSync(npm), '..', '..', 'node_modules');
const skip = !existsSync(join(dist, 'cli/main.js'))
  ? 'nothing is built yet: "npm run build" does it'
  : existsSync(join(libraries, 'libnpmpublish'))
    ? needsProgram('npm').skip
    : 'npm does not come with libnpmpublish';

const repository = 'example/seaworthy';
const workflow = `${repository}/.github/workflows/release.yml@refs/tags/v0.1.0`;
const issuer = 'https://token.actions.githubusercontent.com';
const commit = '8d6f1c1b5ad2b5c8a2f0e9f1f4b6a7c8d9e0f1a2';

/** Publishes as `npm publish --provenance --access public` does, but for where Fulcio and Rekor are, which npm lets nobody choose. */
const publish = `
const { join } = require('node:path');
const [libraries, folder, tarball, options] = process.argv.slice(1);
const { publish } = require(join(libraries, 'libnpmpublish'));
const manifest = require(join(folder, 'package.json'));
const data = require('node:fs').readFileSync(tarball);
const rest = { provenance: true, access: 'public', defaultTag: 'latest', algorithms: ['sha512'], retry: { retries: 0 } };
publish(manifest, data, { ...rest, ...JSON.parse(options) }).catch((error) => {
  console.error(error.code, error.message);
  process.exitCode = 1;
});
`;

interface Published {
  readonly name: string;
  readonly versions: Readonly<Record<string, { readonly repository: { readonly url: string } }>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

test('npm publishes the package with a statement of where it was built, which others verify', { skip }, async () => {
  using folder = temporaryDirectory();
  const place = join(folder.path, 'dist');
  cpSync(dist, place, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as {
    version: string;
    private?: boolean;
  };
  // As the build writes it where it is told the address of the sources.
  const source = { type: 'git', url: `git+https://github.com/${repository}.git` };
  writeFileSync(join(place, 'package.json'), JSON.stringify({ ...manifest, repository: source }));
  assert.equal(manifest.private, undefined);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder.path,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: repository,
    GITHUB_WORKFLOW_REF: workflow,
    GITHUB_REF: 'refs/tags/v0.1.0',
    GITHUB_SHA: commit,
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REPOSITORY_ID: '1',
    GITHUB_REPOSITORY_OWNER_ID: '2',
    GITHUB_RUN_ID: '3',
    GITHUB_RUN_ATTEMPT: '1',
    RUNNER_ENVIRONMENT: 'github-hosted',
  };
  const ended = async (program: string, args: readonly string[], more: object = {}): Promise<string> => {
    const child = spawn(program, [...args], { cwd: folder.path, env: { ...env, ...more } });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
    const [status] = (await once(child, 'close')) as [number | null];
    assert.equal(status, 0, Buffer.concat(said).toString());
    return Buffer.concat(said).toString();
  };
  const tarball = (await ended('npm', ['pack', '--silent', place])).trim();

  await using sigstore = await startTestSigstore({ issuerNames: { github: issuer } });
  const claims = {
    repository,
    workflow_ref: workflow,
    job_workflow_ref: workflow,
    sha: commit,
    ref: 'refs/tags/v0.1.0',
    event_name: 'push',
  };
  await using tokens = await listen((request, response) => {
    assert.equal(request.headers.authorization, 'Bearer runner');
    assert.equal(new URL(request.url ?? '', 'http://x').searchParams.get('audience'), 'sigstore');
    response.end(JSON.stringify({ value: sigstore.token('github', claims) }));
  });
  const sent: Published[] = [];
  await using registry = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'PUT') sent.push(JSON.parse(Buffer.concat(chunks).toString()) as Published);
      response.writeHead(request.method === 'PUT' ? 200 : 404).end('{}');
    });
  });
  const services = { registry: `${registry.url}/`, fulcioURL: sigstore.url, rekorURL: sigstore.url };
  await ended(
    process.execPath,
    ['-e', publish, libraries, place, join(folder.path, tarball), JSON.stringify(services)],
    { ACTIONS_ID_TOKEN_REQUEST_URL: `${tokens.url}/token?x=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner' },
  );

  const [published] = sent;
  assert.ok(published);
  assert.equal(published.versions[manifest.version]?.repository.url, source.url);
  const bundle = folder.write('bundle', published._attachments[`seaworthy-${manifest.version}.sigstore`]?.data ?? '');
  const trusted = folder.write('root.json', JSON.stringify(sigstore.trustedRoot));
  const verify = (signer: string) =>
    run(
      [
        ['verify-blob-attestation', join(folder.path, tarball), '--bundle', bundle, '--trusted-root', trusted],
        ['--type', 'slsaprovenance1', '--certificate-identity', signer, '--certificate-oidc-issuer', issuer],
        ['--certificate-github-workflow-repository', repository, '--certificate-github-workflow-sha', commit],
      ].flat(),
      { cwd: folder.path },
    );
  const verified = await verify(`https://github.com/${workflow}`);
  assert.equal(verified.status, 0, `${verified.stdout}${verified.stderr}`);
  assert.notEqual((await verify(`https://github.com/other/${workflow}`)).status, 0);
});
