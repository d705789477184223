import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { runEgress } from '../../../testing/egress/run-egress.ts';
import { freePort } from '../../../testing/free-port.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../testing/image/temporary-directory.ts';

const run = (folder: TemporaryDirectory, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runEgress(folder.path, args, env);

function place(folder: TemporaryDirectory, path: string, text: string): void {
  const file = join(folder.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const policy = 'registry: {url: https://reg.corp, addresses: [10.0.0.5]}\n';

describe('wrong input is told, with status 2, and nothing is made', () => {
  const cases: readonly (readonly [said: RegExp, ...args: readonly string[]])[] = [
    [/^error SETTING_INVALID: There is no policy/, 'generate', '-o', 'out'],
    [/^error SETTING_INVALID: none\.yaml cannot be read \(ENOENT\)/, 'generate', '-o', 'out', '--policy', 'none.yaml'],
    [
      /^error SETTING_INVALID: --target is "containerdd"; did you mean containerd\?/,
      'generate',
      '-o',
      'out',
      '--target',
      'crio,containerdd',
    ],
    [/^error SETTING_INVALID: --output - is for one target/, 'generate', '-o', '-'],
    [/^error COMMAND_LINE_INVALID: required option/, 'generate'],
    [/^error COMMAND_LINE_INVALID: .*Allowed choices are text, json/, 'generate', '-o', 'out', '-f', 'yaml'],
    [/^error SETTING_INVALID: --output - writes the files/, 'generate', '-o', '-', '-f', 'json', '--target', 'crio'],
    [
      /^error COMMAND_LINE_INVALID: .*Allowed choices are table, json/,
      'check',
      '--registry',
      'reg.corp',
      '--format',
      'yaml',
    ],
    [
      /^error SETTING_INVALID: --runtime is "cri-o"; did you mean crio\?/,
      'check',
      '--registry',
      'reg.corp',
      '--runtime',
      'cri-o',
    ],
    [
      /^error SETTING_INVALID: --registry takes the place of --policy/,
      'check',
      '--registry',
      'reg.corp',
      '--policy',
      'x',
    ],
    ...['a b', '', 'reg.corp:99999', 'reg.corp:0', '*', 'a,b', 'reg.corp/v2', 'reg.corp?x', 'ftp://x'].map(
      (registry) =>
        [/^error SETTING_INVALID: --registry is ".*"; write HOST/, 'check', '--registry', registry] as const,
    ),
    [
      /^error SETTING_INVALID: --registry is "https:\/\/\*\*\*@reg/,
      'check',
      '--registry',
      'https://me:secret@reg.corp',
    ],
    ...['', 'nginx', 'Docker.io', 'https://docker.io', 'a b.io', '*.corp', 'a.io:0'].map(
      (name) =>
        [/^error SETTING_INVALID: --host is ".*"; write/, 'check', '--registry', 'reg.corp', '--host', name] as const,
    ),
    [
      /^error SETTING_INVALID: --canary-with needs --canary/,
      'check',
      '--registry',
      'reg.corp',
      '--canary-with',
      'crictl',
    ],
    [
      /^error SETTING_INVALID: --canary-with is "rkt"/,
      'check',
      '--registry',
      'reg.corp',
      '--canary',
      'x',
      '--canary-with',
      'rkt',
    ],
    [
      /^error SETTING_INVALID: --audit-registry is "x"/,
      'check',
      '--registry',
      'reg.corp',
      '--canary',
      'x',
      '--audit-registry',
      'x',
    ],
    [/^error SETTING_INVALID: --probe-host needs --probe/, 'check', '--registry', 'reg.corp', '--probe-host', 'x'],
    [/^error EGRESS_ROOT_UNREADABLE: none is no folder/, 'check', '--registry', 'reg.corp', '--root', 'none'],
  ];
  for (const [said, ...args] of cases) {
    test(`egress ${args.join(' ')}`, async () => {
      using folder = temporaryDirectory();
      const { status, out, err } = await run(folder, args);
      assert.match(err, said);
      assert.deepEqual([status, out, readdirSync(folder.path)], [2, '', []]);
    });
  }

  test('mistakes of a policy come with their places', async () => {
    using folder = temporaryDirectory();
    place(folder, 'egress.yaml', 'registry:\n  url: reg.corp\n');
    const { status, err } = await run(folder, ['generate', '-o', 'out']);
    assert.equal(status, 2);
    assert.equal(
      err,
      'egress.yaml:2:3: registry.url: cannot be "reg.corp"; write https://HOST or https://HOST:PORT, without a path\n',
    );
  });

  test('settings without the section are no policy', async () => {
    using folder = temporaryDirectory();
    place(folder, 'seaworthy.yaml', 'format: json\n');
    for (const args of [
      ['generate', '-o', 'out'],
      ['check', '-c', 'seaworthy.yaml'],
    ]) {
      const { status, err } = await run(folder, args);
      assert.equal(status, 2);
      assert.equal(err, 'seaworthy.yaml:1:1: has no section egress; write one, or name a policy with --policy\n');
    }
  });

  test('firewalls want addresses', async () => {
    using folder = temporaryDirectory();
    place(folder, 'egress.yaml', 'registry: {url: https://reg.corp}\n');
    const { status, err } = await run(folder, ['generate', '-o', 'out', '--target', 'crio,nftables']);
    assert.equal(status, 2);
    assert.match(err, /^error EGRESS_POLICY_INCOMPLETE: nftables knows no names of hosts; add registry\.addresses/);
    assert.deepEqual(readdirSync(folder.path), ['egress.yaml']);
  });
});

describe('egress generate', () => {
  test('writes what the policy names, and what it wrote is closed', async () => {
    using folder = temporaryDirectory();
    place(folder, 'seaworthy.yaml', `format: json\negress:\n  runtimes: [containerd, docker]\n  ${policy}`);
    const made = await run(folder, ['generate', '-o', 'out']);
    assert.equal(made.status, 0, made.err);
    assert.match(made.err, /note: docker: this leads images of Docker Hub alone/);
    assert.match(made.err, /Wrote \d+ files for 7 targets to out\n$/);
    assert.deepEqual(readdirSync(join(folder.path, 'out')).toSorted(), [
      '.seaworthy-egress',
      'calico',
      'cilium',
      'containerd',
      'docker',
      'networkpolicy',
      'nftables',
      'terraform',
    ]);
    const checked = await run(folder, ['check', '--root', 'out/containerd']);
    assert.deepEqual([checked.status, checked.err], [0, '']);
    assert.match(checked.out, /containerd +\(any other host\) +https:\/\/reg\.corp\/v2\n/);
    assert.equal((await run(folder, ['check', '--root', 'out/docker'])).status, 30);
    assert.equal((await run(folder, ['check', '--root', 'out/terraform'])).status, 31);
  });

  test('tells which firewalls are left out, and makes a target that is named twice once', async () => {
    using folder = temporaryDirectory();
    place(folder, 'egress.yaml', 'registry: {url: https://reg.corp}\nruntimes: [talos]\n');
    const { status, err } = await run(folder, ['generate', '-o', 'out']);
    assert.equal(status, 0, err);
    assert.match(
      err,
      /^note: nftables, networkpolicy, cilium, calico, terraform: left out, .* add registry\.addresses/m,
    );
    const json = await run(folder, ['generate', '-o', 'out', '-f', 'json']);
    assert.deepEqual((JSON.parse(json.out) as { leftOut: unknown }).leftOut, [
      'nftables',
      'networkpolicy',
      'cilium',
      'calico',
      'terraform',
    ]);
    assert.ok(!(await run(folder, ['generate', '-o', 'red \u001B[31m'])).err.includes('\u001B'));
    const twice = await run(folder, ['generate', '-o', 'out', '--target', 'talos,k3s', '--target', 'talos']);
    assert.deepEqual(
      [twice.status, /Wrote 3 files for 2 targets/.test(twice.err), /left out/.test(twice.err)],
      [0, true, false],
    );
  });

  test('tells scripts in JSON what it wrote', async () => {
    using folder = temporaryDirectory();
    place(folder, 'egress.yaml', policy);
    const { status, out, err } = await run(folder, [
      'generate',
      '-o',
      'out',
      '-f',
      'json',
      '--target',
      'talos,nftables',
    ]);
    const { targets, ...rest } = JSON.parse(out) as {
      folder: string;
      targets: { target: string; files: unknown; notes: string[] }[];
    };
    assert.deepEqual([status, err, rest], [0, '', { folder: 'out', leftOut: [] }]);
    assert.deepEqual(
      targets.map(({ target, files }) => [target, files]),
      [
        ['talos', [{ path: 'registry-mirrors.yaml', secret: false, executable: false }]],
        [
          'nftables',
          [
            { path: '/etc/seaworthy/egress.nft', secret: false, executable: false },
            { path: '/usr/local/sbin/seaworthy-egress', secret: false, executable: true },
          ],
        ],
      ],
    );
    assert.match(targets[1]?.notes.join() ?? '', /confirm/);
  });

  test('gives one target to standard output, and a header to its file alone', async () => {
    using folder = temporaryDirectory();
    place(folder, 'egress.yaml', 'registry: {url: https://reg.corp, authorization: env:HEADER}\n');
    const args = ['generate', '-o', '-', '--target', 'containerd'];
    const missing = await run(folder, args);
    assert.match(missing.err, /^error EGRESS_INPUT_UNREADABLE: The variable HEADER holds no header/);
    const broken = await run(folder, args, { HEADER: 'secret\nX: y' });
    assert.match(broken.err, /^error EGRESS_INPUT_UNREADABLE: The variable HEADER holds what can be no header/);
    assert.ok(!broken.err.includes('secret'));
    const { status, out, err } = await run(folder, args, { HEADER: 'Basic secret' });
    assert.equal(status, 0);
    assert.match(
      out,
      /^### \/etc\/containerd\/certs\.d\/_default\/hosts\.toml\nserver = "https:\/\/reg\.corp"\n[^]*Authorization = "Basic secret"/,
    );
    assert.ok(!err.includes('secret'));
  });

  test('lets nft try the rules where there is one, and writes nothing that it refuses', async () => {
    using folder = temporaryDirectory();
    place(folder, 'egress.yaml', policy);
    for (const [body, status, said] of [
      ['exit 0', 0, /^note: nftables: run/m],
      ['[ "$1" = list ]', 2, /^error EGRESS_OUTPUT_INVALID: nft refuses/m],
      ['exit 1', 0, /^note: nftables: nft is there and could not be asked/m],
    ] as const) {
      place(folder, 'bin/nft', `#!/bin/sh\n${body}\n`);
      chmodSync(join(folder.path, 'bin/nft'), 0o755);
      const ended = await run(folder, ['generate', '-o', '-', '--target', 'nftables'], {
        PATH: join(folder.path, 'bin'),
      });
      assert.equal(ended.status, status, body);
      assert.match(ended.err, said);
      assert.equal(ended.out === '', status !== 0);
    }
  });
});

describe('egress check', () => {
  const config = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/c"\n';

  test('shows where each host leads, and what is wrong, worst first', async () => {
    using folder = temporaryDirectory();
    place(folder, 'node/etc/containerd/config.toml', config);
    place(folder, 'node/c/_default/hosts.toml', '[host."https://reg.corp"]\nskip_verify = true\n');
    const { status, out } = await run(folder, [
      'check',
      '--registry',
      'https://REG.corp:443',
      '--root',
      'node',
      '--host',
      'own.corp',
    ]);
    assert.equal(status, 30);
    assert.match(out, /containerd +own\.corp +https:\/\/reg\.corp\/v2, then https:\/\/own\.corp\/v2 \(elsewhere\)\n/);
    const told = out.split('\n\n')[1] ?? '';
    assert.match(
      told,
      /^way out: \/c\/_default\/hosts\.toml names no server, .* \(SERVER_MISSING\)\nnote: https:\/\/reg\.corp\/v2 is asked without/,
    );
    assert.equal(told.match(/SERVER_MISSING/g)?.length, 1);
    assert.match(out, /\n\nOpen: images may come from elsewhere than reg\.corp\.\n$/);
  });

  test('gives JSON', async () => {
    using folder = temporaryDirectory();
    place(folder, 'node/etc/containerd/config.toml', config);
    place(folder, 'node/c/_default/hosts.toml', 'server = "https://reg.corp"\n[host]\n');
    const { status, out } = await run(folder, ['check', '--registry', 'reg.corp', '--root', 'node', '-f', 'json']);
    const report = JSON.parse(out) as {
      verdict: string;
      runtimes: { runtime: string; routes: { image: string; endpoints: { url: string; allowed: boolean }[] }[] }[];
    };
    assert.deepEqual(
      [status, report.verdict, report.runtimes.map(({ runtime }) => runtime)],
      [0, 'closed', ['containerd']],
    );
    assert.deepEqual(report.runtimes[0]?.routes[0]?.endpoints, [
      { url: 'https://reg.corp/v2', host: 'reg.corp', role: 'server', line: 1, allowed: true },
    ]);
  });

  test('tries hosts, of which the private registry must answer', async () => {
    using folder = temporaryDirectory();
    place(folder, 'node/etc/containerd/config.toml', config);
    const closed = `127.0.0.1:${await freePort()}`;
    place(folder, 'node/c/_default/hosts.toml', `server = "https://${closed}"\n[host]\n`);
    const { status, out } = await run(folder, [
      'check',
      '--registry',
      closed,
      '--root',
      'node',
      '--probe',
      '--probe-host',
      closed,
    ]);
    assert.equal(status, 31);
    assert.match(out, /unknown: the private registry does not answer either \(REFUSED\)/);
  });

  test('a canary that cannot be pulled is an error', async () => {
    using folder = temporaryDirectory();
    place(folder, 'node/etc/containerd/config.toml', config);
    const closed = `127.0.0.1:${await freePort()}`;
    const { status, err } = await run(folder, [
      'check',
      '--registry',
      closed,
      '--root',
      'node',
      '--canary',
      'canary:1',
      '--audit-registry',
      `http://${closed}`,
    ]);
    assert.equal(status, 2);
    assert.match(err, /^error REFUSED: /);
  });
});

test('the file of a policy may be read from a settings file that other commands read', async () => {
  using folder = temporaryDirectory();
  place(folder, 'x.yaml', `egress:\n  ${policy}quiet: true\n`);
  const { status, err } = await run(folder, ['generate', '--config', 'x.yaml', '-o', 'out', '--target', 'talos']);
  assert.deepEqual([status, err], [0, '']);
  assert.match(readFileSync(join(folder.path, 'out/talos/registry-mirrors.yaml'), 'utf8'), /skipFallback: true/);
});
