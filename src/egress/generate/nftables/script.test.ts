import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory, type TemporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { parseNft } from './judge.ts';
import { rollbackScript } from './script.ts';

/** A node in a folder: programs that write down how they were called, and the script with its places moved there. */
function node(folder: TemporaryDirectory, programs: Readonly<Record<string, string>>) {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  const log = join(folder.path, 'log');
  writeFileSync(log, '');
  const tools = { nft: '', ...programs };
  for (const [name, body] of Object.entries(tools)) {
    const path = join(bin, name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>'${log}'\n${body}\n`);
    chmodSync(path, 0o755);
  }
  const text = rollbackScript(90_000)
    .replaceAll('/run/', `${folder.path}/`)
    .replaceAll('/etc/seaworthy/', `${folder.path}/`);
  const script = folder.write('script', text);
  chmodSync(script, 0o755);
  const run = (...args: string[]) =>
    spawnSync(script, args, { env: { PATH: `${bin}:/usr/bin:/bin` }, encoding: 'utf8' });
  return {
    run,
    pending: join(folder.path, 'seaworthy-egress.pending'),
    calls: () =>
      readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(folder.path, '')),
    forget: () => writeFileSync(log, ''),
  };
}

const systemd = { 'systemd-run': 'exit 0' };

describe('the script that puts rules in force', () => {
  test('tries the rules, sets the timer, and only then puts them in force', () => {
    using folder = temporaryDirectory();
    const { run, calls, pending } = node(folder, systemd);
    const applied = run('apply');
    assert.deepEqual([applied.status, applied.stderr], [0, '']);
    const token = readFileSync(pending, 'utf8').trim();
    assert.deepEqual(calls(), [
      'nft -c -f /egress.nft',
      `systemd-run --quiet --collect --unit=seaworthy-egress-rollback-${token} --on-active=90 /script expire ${token}`,
      'nft -f /egress.nft',
    ]);
  });

  test('when nobody confirms, the timer removes this table and no other', () => {
    using folder = temporaryDirectory();
    const { run, calls, pending, forget } = node(folder, systemd);
    run('apply');
    const token = readFileSync(pending, 'utf8').trim();
    forget();
    assert.equal(run('expire', token).status, 0);
    assert.deepEqual(calls(), ['nft list table inet seaworthy', 'nft delete table inet seaworthy']);
    assert.ok(!existsSync(pending));
  });

  test('after a confirmation, and for a later attempt, an old timer does nothing', () => {
    using folder = temporaryDirectory();
    const { run, calls, pending, forget } = node(folder, systemd);
    run('apply');
    const token = readFileSync(pending, 'utf8').trim();
    writeFileSync(pending, 'another\n');
    forget();
    run('expire', token);
    run('confirm');
    run('expire', token);
    run('expire', '');
    assert.deepEqual(
      calls().filter((call) => call.includes('delete')),
      [],
    );
  });

  test('rules that nft refuses are never put in force, and set no timer', () => {
    using folder = temporaryDirectory();
    const { run, calls, pending } = node(folder, { ...systemd, nft: 'exit 1' });
    assert.equal(run('apply').status, 1);
    assert.deepEqual(calls(), ['nft -c -f /egress.nft']);
    assert.ok(!existsSync(pending));
  });

  test('without systemd a shell waits', () => {
    using folder = temporaryDirectory();
    const { run, calls } = node(folder, { 'systemd-run': 'exit 1', sleep: 'exit 0', nohup: '"$@"' });
    run('apply');
    for (let look = 0; !calls().some((call) => call.includes('delete')) && look < 500; look += 1)
      execFileSync('/bin/sleep', ['0.01']);
    assert.ok(calls().includes('sleep 90'));
    assert.ok(calls().includes('nft delete table inet seaworthy'));
  });

  test('anything else is told how it is used', () => {
    using folder = temporaryDirectory();
    const { run } = node(folder, {});
    assert.equal(run().status, 2);
    assert.equal(run('stop').status, 2);
  });
});

test('parseNft() knows what is generated, and no other line', () => {
  for (const line of ['flush ruleset', 'tcp dport 443 drop', 'ip daddr @none tcp dport 443 accept', 'table ip nat {']) {
    const why = parseNft(`chain rules {\n${line}\n}`);
    assert.match(typeof why === 'string' ? why : 'it was taken', /is no line of a ruleset/, line);
  }
});
