import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { filesBelow, filesInMemory } from '../../src/egress/node/node-files.ts';
import { buildkit } from '../../src/egress/runtime/buildkit/model.ts';
import { resolveByFolders } from '../../src/egress/runtime/containerd/host-folders.ts';
import { crio } from '../../src/egress/runtime/crio/model.ts';
import { startBuildkit } from '../../testing/daemon/buildkit.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';

const run = promisify(execFile);

/** Three registries on loopback that have nothing, and write down that they were asked: the last is that of the image itself. */
interface Registries extends AsyncDisposable {
  readonly hosts: readonly [a: string, b: string, own: string];
  /** Hosts in the order in which they were first asked since the last call. */
  asked(): readonly string[];
}

async function registries(): Promise<Registries> {
  const log: string[] = [];
  const servers: Server[] = [];
  const hosts: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const server = createServer((request, response) => {
      if (request.url?.includes('/manifests/')) log.push(request.headers.host ?? '');
      response.writeHead(request.url === '/v2/' ? 200 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    hosts.push(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
  return {
    hosts: hosts as [string, string, string],
    asked: () => [...new Set(log.splice(0))],
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

/** Waits for a program's end, however it ends: what it asked tells more. */
async function attempt(program: string, args: readonly string[]): Promise<void> {
  await run(program, [...args], { timeout: 30_000 }).catch(() => undefined);
}

const hostsFiles: Readonly<Record<string, string>> = {
  'a server': 'server = "http://A"\n[host]\n',
  'a server alone': 'server = "http://A"\n',
  'a host, and no server': '[host."http://A"]\n',
  'a host, and an empty server': 'server = ""\n[host."http://A"]\n',
  'a host and a server': 'server = "http://A"\n[host."http://B"]\n',
  'two hosts in an order of their own': '[host."http://B"]\n[host."http://A"]\n',
  'a path': 'server = "http://A/v2/hub"\noverride_path = true\n[host]\n',
  'a server that names no host': 'server = "httpd"\n[host]\n',
  'a capability that is none': 'server = "http://A"\ncapabilities = ["fetch"]\n[host]\n',
  'a capability that is new': 'server = "http://A"\ncapabilities = ["referrers"]\n[host]\n',
  'a capability in capitals': 'server = "http://A"\ncapabilities = ["PULL", "Resolve"]\n[host]\n',
  'no TOML': 'server = http://A\n[host]\n',
  'another type': 'server = "http://A"\nskip_verify = "x"\n[host]\n',
  'an unknown name': 'server = "http://A"\nmirror = "x"\n[host]\n',
  'a header': 'server = "http://A"\n[header]\nX = ["a"]\n[host]\n',
  'a header that is a number': 'server = "http://A"\n[header]\nX = 1\n[host]\n',
  'a table twice': 'server = "http://A"\n[host."http://B"]\n[host."http://B"]\n',
  nothing: '',
  'a comment': '# x\n[host]\n',
};

describe(
  'the model of containerd, and containerd 1.x',
  { skip: process.getuid?.() === 0 ? needsProgram('containerd', 'ctr').skip : 'only root may start containerd' },
  () => {
    let folder: TemporaryDirectory;
    let servers: Registries;
    let daemon: ReturnType<typeof spawn>;
    before(async () => {
      folder = temporaryDirectory();
      servers = await registries();
      const disabled = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]';
      const places = `root = "${folder.path}/root"\nstate = "${folder.path}/state"\n[grpc]\naddress = "${folder.path}/sock"\n`;
      const config = folder.write('config.toml', `version = 2\n${disabled}\n${places}`);
      daemon = spawn(findProgram('containerd') as string, ['-c', config], { stdio: 'ignore' });
      for (let look = 0; look < 100; look += 1) {
        const up = await run('ctr', ['-a', `${folder.path}/sock`, 'version'], { timeout: 2000 }).then(
          () => true,
          () => false,
        );
        if (up) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.fail('containerd did not start');
    });
    after(async () => {
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      await ended;
      await servers[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    });
    for (const [name, text] of Object.entries(hostsFiles)) {
      test(name, async () => {
        const [a, b, own] = servers.hosts;
        const certs = join(folder.path, 'certs');
        mkdirSync(join(certs, '_default'), { recursive: true });
        writeFileSync(join(certs, '_default/hosts.toml'), text.replaceAll('//A', `//${a}`).replaceAll('//B', `//${b}`));
        const lookup = { roots: ['/certs'], isVersion2: false, addsUpstream: true };
        const { endpoints, findings } = await resolveByFolders(own, lookup, filesBelow(folder.path));
        const passedOver = findings.some(({ code }) => code === 'HOST_TABLE_MISSING' || code === 'CAPABILITY_NEW');
        const expected = passedOver ? [own] : endpoints.map(({ host }) => host);
        servers.asked();
        await attempt('ctr', [
          '-a',
          `${folder.path}/sock`,
          'images',
          'pull',
          '--hosts-dir',
          certs,
          `${own}/library/x:1`,
        ]);
        assert.deepEqual(servers.asked(), expected);
      });
    }
  },
);

const registriesFiles: Readonly<Record<string, string>> = {
  'a remap': '[[registry]]\nprefix = "OWN"\nlocation = "A/hub"\ninsecure = true\n',
  'mirrors, and the registry itself':
    '[[registry]]\nlocation = "OWN"\ninsecure = true\n[[registry.mirror]]\nlocation = "A"\ninsecure = true\n[[registry.mirror]]\nlocation = "B/x"\ninsecure = true\n',
  'a mirror for digests alone':
    '[[registry]]\nlocation = "OWN"\ninsecure = true\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "A"\ninsecure = true\n',
  'a narrower prefix':
    '[[registry]]\nprefix = "OWN"\nlocation = "A"\ninsecure = true\n[[registry]]\nprefix = "OWN/library"\nlocation = "B"\ninsecure = true\n',
  'a prefix that ends within a name':
    '[[registry]]\nprefix = "OWN/libr"\nlocation = "B"\ninsecure = true\n[[registry]]\nlocation = "OWN"\ninsecure = true\n',
  blocked: '[[registry]]\nlocation = "OWN"\nblocked = true\n',
  'a table twice: the first':
    '[[registry]]\nprefix = "OWN"\nlocation = "A"\ninsecure = true\n[[registry]]\nprefix = "OWN"\nlocation = "B"\ninsecure = true\n',
  'a scheme': '[[registry]]\nlocation = "http://OWN"\n',
  'no location': '[[registry]]\nprefix = "OWN"\n',
  'version 1 blocks': '[registries.block]\nregistries = ["OWN"]\n',
};

describe('the model of registries.conf, and skopeo', needsProgram('skopeo'), () => {
  for (const [name, text] of Object.entries(registriesFiles)) {
    test(name, async () => {
      using folder = temporaryDirectory();
      await using servers = await registries();
      const [a, b, own] = servers.hosts;
      const conf = text.replaceAll('"A', `"${a}`).replaceAll('"B', `"${b}`).replaceAll('OWN', own);
      mkdirSync(join(folder.path, 'etc/containers'), { recursive: true });
      const path = join(folder.path, 'etc/containers/registries.conf');
      writeFileSync(path, conf);
      const reading = await crio.read(filesBelow(folder.path));
      const route = await reading?.resolve(`${own}/library/x`);
      const byTag = name === 'a mirror for digests alone' ? route?.endpoints.slice(1) : route?.endpoints;
      await attempt('skopeo', ['--registries-conf', path, 'inspect', '--raw', `docker://${own}/library/x:1`]);
      assert.deepEqual(
        servers.asked(),
        byTag?.map(({ host }) => host),
      );
    });
  }
});

describe('the model of buildkitd.toml, and BuildKit', needsDaemon('buildkitd', 'buildctl', 'runc'), () => {
  test('mirrors in their order, then the registry itself', async () => {
    using folder = temporaryDirectory();
    await using servers = await registries();
    const [a, b, own] = servers.hosts;
    const settings = { [own]: `http = true\nmirrors = ["${a}/hub", "${b}"]`, [a]: 'http = true', [b]: 'http = true' };
    const tables = Object.entries(settings).map(([host, text]) => `[registry."${host}"]\n${text}\n`);
    const path = '/etc/buildkit/buildkitd.toml';
    const reading = await buildkit.read(filesInMemory(new Map([[path, tables.join('')]])));
    const { endpoints = [] } = (await reading?.resolve(`${own}/library/x`)) ?? {};
    await using daemon = await startBuildkit(settings);
    folder.write('Dockerfile', `FROM ${own}/library/x:1\n`);
    await assert.rejects(daemon.build(folder.path, '--output=type=oci,dest=/dev/null'));
    assert.deepEqual(
      servers.asked(),
      endpoints.map(({ host }) => host),
    );
  });
});
