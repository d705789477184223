import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { run, start } from './program.ts';

const needsProc = { skip: process.platform === 'linux' ? false : 'processes are found by /proc' };
const imageType = 'application/vnd.oci.image.manifest.v1+json';

interface Registry extends AsyncDisposable {
  readonly url: string;
  readonly config: string;
  /** The processes that serve. */
  workers(): readonly number[];
  /** Signals the first process, and gives the status of its end. */
  end(): Promise<number | null>;
  readonly said: () => string;
}

/** The program as a registry of two processes. */
async function serve(folder: string): Promise<Registry> {
  const config = join(folder, 'seaworthy.yaml');
  writeFileSync(config, settings(folder, ''));
  const { child, ended } = start(['registry', 'serve', '--config', config], { cwd: folder });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    void ended.then(({ stderr }) => reject(new Error(`The registry ended: ${stderr}`)));
  });
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return (await ended).status;
  };
  return {
    url,
    config,
    workers: () => childrenOf(child.pid as number),
    end,
    said: () => said,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

function settings(folder: string, more: string): string {
  return `
registry:
  listen: 127.0.0.1:0
  data: ${folder}/data
  workers: 2
  accept: [anonymous-push]
  metrics:
    listen: 127.0.0.1:0
${more}`;
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

/** On a connection of its own, so that requests meet both processes. Undefined when it broke off. */
function ask(
  { url }: Pick<Registry, 'url'>,
  method: string,
  path: string,
  body: string = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const agent = new Agent({ keepAlive: false });
    const asked = request(new URL(path, url), { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '', body: text });
      });
    });
    asked.on('error', () => resolve(undefined)).end(body);
  });
}

/** Kills one process that serves, and waits until the one that takes its place serves too. */
async function killWorker(registry: Registry, at: number): Promise<void> {
  const replaced = registry.said().split('serves again').length;
  process.kill(registry.workers()[at] as number, 'SIGKILL');
  for (let tries = 0; tries < 800; tries += 1) {
    if (registry.said().split('serves again').length > replaced) return;
    await sleep(25);
  }
  assert.fail('no process took the place of the one that was killed');
}

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

async function push(registry: Registry, tag: string): Promise<boolean> {
  const config = JSON.stringify({ tag });
  const digest = digestOf(config);
  const blob = await ask(registry, 'POST', `/v2/app/blobs/uploads/?digest=${digest}`, config);
  if (blob?.status !== 201) return false;
  const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: descriptor, layers: [] });
  const answer = await ask(registry, 'PUT', `/v2/app/manifests/${tag}`, manifest, { 'content-type': imageType });
  return answer?.status === 201;
}

test('registry serve with two processes: what was answered survives their kills', needsProc, async () => {
  using folder = temporaryDirectory();
  await using registry = await serve(folder.path);
  assert.equal(registry.workers().length, 2);

  // An upload goes on at processes that saw nothing of its beginning.
  const [first, second] = ['a'.repeat(70_000), 'b'.repeat(70_000)];
  const begun = await ask(registry, 'POST', '/v2/app/blobs/uploads/');
  const more = await ask(registry, 'PATCH', begun?.location ?? '', first);
  assert.equal(more?.status, 202);

  const answered: string[] = [];
  let isOver = false;
  const pushing = Array.from({ length: 3 }, async (_, client) => {
    for (let at = 0; !isOver; at += 1) {
      const tag = `v${client}-${at}`;
      if (await push(registry, tag)) answered.push(tag);
    }
  });
  await killWorker(registry, 0);
  await killWorker(registry, 0);
  isOver = true;
  await Promise.all(pushing);
  assert.ok(answered.length > 10, `${answered.length} pushes were answered`);
  for (const tag of answered) assert.equal((await ask(registry, 'GET', `/v2/app/manifests/${tag}`))?.status, 200, tag);

  const digest = digestOf(first + second);
  const place = new URL(more?.location ?? '', registry.url);
  place.searchParams.set('digest', digest);
  const ended = await ask(registry, 'PUT', place.pathname + place.search, second);
  assert.equal(ended?.status, 201, ended?.body);
  assert.equal((await ask(registry, 'GET', `/v2/app/blobs/${digest}`))?.body, first + second);

  assert.match(registry.said(), /A process of the registry ended and is replaced/);
  assert.equal(registry.said().includes('STORE_BUSY'), false);
  const serving = registry.workers();
  assert.equal(await registry.end(), 143);
  for (const pid of serving) assert.throws(() => process.kill(pid, 0), 'nothing is left behind');
  const audit = await run(['registry', 'audit', 'verify', '--config', registry.config], { cwd: folder.path });
  assert.equal(audit.status, 0, audit.stderr);
});

test('registry serve with two processes: what is under way ends, and changes reach all', needsProc, async () => {
  using folder = temporaryDirectory();
  await using registry = await serve(folder.path);
  assert.ok(await push(registry, 'v1'));
  writeFileSync(registry.config, settings(folder.path, '  delete:\n    enabled: false\n'));
  for (let tries = 0; !registry.said().includes('was read again'); tries += 1) {
    assert.ok(tries < 400, 'the file was not read again');
    await sleep(25);
  }
  for (let at = 0; at < 6; at += 1)
    assert.equal((await ask(registry, 'DELETE', '/v2/app/manifests/v1'))?.status, 405, 'whichever process answers');

  const body = 'c'.repeat(200_000);
  const digest = digestOf(body);
  const slow = new Promise<number | undefined>((resolve, reject) => {
    const asked = request(
      new URL(`/v2/app/blobs/uploads/?digest=${digest}`, registry.url),
      { method: 'POST', agent: false, headers: { 'content-length': body.length } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      },
    );
    asked.on('error', reject);
    asked.write(body.slice(0, 1000));
    // Longer than a command has to end that said nothing.
    setTimeout(() => asked.end(body.slice(1000)), 1500);
  });
  await sleep(300);
  const ended = registry.end();
  assert.equal(await slow, 201);
  assert.equal(await ended, 143);
});
