import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filesInMemory } from '../node/node-files.ts';
import { checkNode, type NodeQuestion, otherHost } from './check-node.ts';
import { allFindings, type NodeReport } from './report.ts';

const config = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/c"\n';
const good = 'server = "https://reg.corp"\n[host]\n';

async function check(
  files: Readonly<Record<string, string>>,
  changes: Partial<NodeQuestion> = {},
): Promise<NodeReport> {
  const question = { registry: 'reg.corp', exceptions: [], hosts: [], ...changes };
  return await checkNode(filesInMemory(new Map(Object.entries(files))), question);
}

function openImages({ runtimes }: NodeReport): string[] {
  return runtimes.flatMap(({ runtime, routes }) =>
    routes.filter(({ open }) => open).map(({ image }) => `${runtime} ${image}`),
  );
}

const closed = { '/etc/containerd/config.toml': config, '/c/_default/hosts.toml': good };

describe('checkNode()', () => {
  test('a node that pulls from the private registry alone is closed', async () => {
    const report = await check(closed, { hosts: ['own.corp:5000'] });
    assert.deepEqual([report.verdict, openImages(report), allFindings(report)], ['closed', [], []]);
    const images = report.runtimes[0]?.routes.map(({ image }) => image) ?? [];
    for (const image of ['docker.io', otherHost, 'own.corp:5000']) assert.ok(images.includes(image), image);
  });

  test('a folder that is left over opens its host alone', async () => {
    const report = await check({ ...closed, '/c/left.over_5000_/ca.crt': 'x' });
    assert.deepEqual([report.verdict, openImages(report)], ['open', ['containerd left.over:5000']]);
  });

  test('a host that is reached directly may be, and only it', async () => {
    const files = {
      ...closed,
      '/c/direct.corp/hosts.toml': '[host."https://direct.corp"]',
      '/c/x.corp/hosts.toml': '[host."https://direct.corp"]',
    };
    const report = await check(files, { exceptions: ['direct.corp'] });
    assert.deepEqual(openImages(report), ['containerd x.corp']);
    const direct = report.runtimes[0]?.routes.find(({ image }) => image === 'direct.corp');
    assert.deepEqual(
      direct?.findings.map(({ level }) => level),
      ['note'],
    );
  });

  test('the private registry asks for no settings of its own', async () => {
    const conf = '[[registry]]\nprefix = "docker.io"\nlocation = "reg.corp/docker.io"\n';
    const policy = '{"default":[{"type":"reject"}],"transports":{"docker":{"docker.io":[],"reg.corp":[]}}}';
    const files = { '/etc/containers/registries.conf': conf, '/etc/containers/policy.json': policy };
    const report = await check(files, { hosts: ['reg.corp'] });
    assert.deepEqual([report.verdict, openImages(report)], ['closed', []]);
    assert.equal(report.runtimes[0]?.routes.find(({ image }) => image === 'ghcr.io')?.outcome, 'refused');
  });

  test('what cannot be told is neither open nor closed', async () => {
    assert.equal((await check({})).verdict, 'unknown');
    assert.equal((await check(closed, { runtimes: ['containerd', 'crio'] })).verdict, 'unknown');
    assert.equal((await check(closed, { runtimes: ['containerd'] })).verdict, 'closed');
    assert.equal((await check({ ...closed, '/etc/containers/registries.conf': '[' })).verdict, 'unknown');
  });

  test('each way out is told, with the file and the line that open it', async () => {
    const told = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const report = await check({ '/etc/containerd/config.toml': config, ...files }, { exceptions: ['direct.corp'] });
      assert.equal(report.verdict, 'open');
      return [
        ...new Set(
          allFindings(report).map(
            ({ code, level, file = '', line = '' }) => `${level} ${file}:${String(line)} ${code}`,
          ),
        ),
      ];
    };
    const elsewhere = 'server = "https://evil.io"\n[host]\n';
    assert.deepEqual(await told({ '/c/_default/hosts.toml': elsewhere }), [
      'way-out /c/_default/hosts.toml:1 ELSEWHERE',
    ]);
    const behind = 'server = "https://reg.corp"\n\n[host."https://evil.io"]\n';
    assert.deepEqual(await told({ '/c/_default/hosts.toml': behind }), ['way-out /c/_default/hosts.toml:3 ELSEWHERE']);
    assert.deepEqual(await told({ '/c/docker.io/hosts.toml': good }), ['way-out : UPSTREAM_ASKED']);
    assert.deepEqual(await told({ '/c/_default/hosts.toml': '[host."https://reg.corp"]\n' }), [
      'way-out /c/_default/hosts.toml: SERVER_MISSING',
    ]);
  });

  test('a way out counts more than what cannot be told', async () => {
    const report = await check({ ...closed, '/etc/containers/registries.conf': '[', '/etc/docker/daemon.json': '{}' });
    assert.equal(report.verdict, 'open');
  });

  test('certificates that nobody verifies, and proxies, are told', async () => {
    const hosts = 'server = "https://reg.corp"\nskip_verify = true\nproxy = "http://p"\n[host]\n';
    const report = await check({ ...closed, '/c/_default/hosts.toml': hosts });
    assert.equal(report.verdict, 'closed');
    const codes = new Set(allFindings(report).map(({ code }) => code));
    assert.deepEqual(codes, new Set(['UNVERIFIED', 'PROXIED']));
  });
});
