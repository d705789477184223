import assert from 'node:assert/strict';
import { test } from 'node:test';
import { good, v2 } from '../../../../testing/egress/containerd-case.ts';
import { filesInMemory } from '../../node/node-files.ts';
import { containerd, readContainerd } from './model.ts';

test('hosts that are worth a look: folders, mirrors, and that of the pause image', async () => {
  const config = `${v2}[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "pause.corp:1/pause:3"\n`;
  const files = filesInMemory(
    new Map([
      ['/etc/containerd/config.toml', config],
      ['/c/a_5_/hosts.toml', good],
      ['/c/_default/hosts.toml', good],
    ]),
  );
  const reading = await containerd.read(files);
  assert.deepEqual(reading?.named, ['a:5', 'pause.corp:1']);
});

test('a containerd that adds no upstream by itself does so for an empty server alone', async () => {
  for (const [text, wanted] of [
    ['[host."https://reg.corp"]\n', ['https://reg.corp/v2']],
    ['server = "httpd"\n[host."https://reg.corp"]\n', ['https://reg.corp/v2', 'https://registry-1.docker.io/v2']],
  ] as const) {
    const files = filesInMemory(
      new Map([
        ['/etc/containerd/config.toml', v2],
        ['/c/_default/hosts.toml', text],
      ]),
    );
    const { endpoints } = await (
      await readContainerd(files, '/etc/containerd/config.toml', false)
    ).resolve('docker.io');
    assert.deepEqual(
      endpoints.map(({ url }) => url),
      wanted,
    );
  }
});
