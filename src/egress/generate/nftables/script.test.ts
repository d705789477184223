import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  for (const [name, body] of Object.entries({ nft, ...programs })) {
    const path = join(bin, name);
    writeFileSync(
      path,
      `#!/bin/sh\necho "${name} $*" >>'${log}'\n${body.replaceAll('TABLE', join(folder.path, 'table'))}\n`,
    );
    chmodSync(path, 0o755);
  }
  const text = rollbackScript(90_000)
    .replaceAll('/run/', `${folder.path}/`)
    .replaceAll('/etc/seaworthy/', `${folder.path}/`);
  const script = folder.write('script', text);
  chmodSync(script, 0o755);
  const run = (...args: string[]) =>
    spawnSync(script, args, { env: { PATH: `${bin}:/usr/bin:/bin` }, encoding: 'utf8' });
  const tokens = (): string[] =>
    readdirSync(folder.path).flatMap((name) => /^seaworthy-egress\.pending\.(.+)$/.exec(name)?.[1] ?? []);
  return {
    run,
    tokens,
    /** Puts the text of a ruleset in place, and applies it. */
    apply: (rules: string): string => {
      folder.write('egress.nft', rules);
      assert.equal(run('apply').status, 0);
      return tokens()[0] ?? '';
    },
    /** The table that is in force, as `nft` was given it. */
    table: (): string | undefined =>
      existsSync(join(folder.path, 'table')) ? readFileSync(join(folder.path, 'table'), 'utf8') : undefined,
    calls: () =>
      readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(folder.path, '')),
    forget: () => writeFileSync(log, ''),
  };
}

/** Keeps the text of the table in a file. */
const nft = `case "$*" in
-c*) exit 0 ;;
-f*) grep -v '^table inet seaworthy$\\|^delete' "$2" >TABLE ;;
*list*) cat TABLE 2>/dev/null ;;
delete*) rm TABLE ;;
esac`;

const systemd = { 'systemd-run': 'exit 0' };

describe('the script that puts rules in force', () => {
  test('tries the rules, sets the timer, and only then puts them in force', () => {
    using folder = temporaryDirectory();
    const { run, calls, tokens } = node(folder, systemd);
    folder.write('egress.nft', 'one\n');
    const applied = run('apply');
    assert.deepEqual([applied.status, applied.stderr], [0, '']);
    const [token] = tokens();
    assert.deepEqual(calls(), [
      'nft -c -f /egress.nft',
      'nft list table inet seaworthy',
      `systemd-run --quiet --collect --unit=seaworthy-egress-rollback-${token} --on-active=90 --timer-property=AccuracySec=1s /script expire ${token}`,
      'nft -f /egress.nft',
    ]);
  });

  test('when nobody confirms, the timer removes this table and no other', () => {
    using folder = temporaryDirectory();
    const { run, apply, calls, table, tokens, forget } = node(folder, systemd);
    const token = apply('one\n');
    forget();
    assert.equal(run('expire', token).status, 0);
    assert.deepEqual(calls(), ['nft list table inet seaworthy', 'nft delete table inet seaworthy']);
    assert.deepEqual([table(), tokens()], [undefined, []]);
    const late = run('confirm');
    assert.deepEqual([late.status, late.stdout], [1, '']);
    assert.match(late.stderr, /^nothing waits for confirmation/);
  });

  test('what was confirmed before comes back, however often somebody tried since', () => {
    using folder = temporaryDirectory();
    const { run, apply, table, tokens } = node(folder, systemd);
    apply('one\n');
    assert.equal(run('confirm').status, 0);
    const first = apply('two\n');
    assert.equal(table(), 'two\n');
    const second = apply('three\n');
    // The timer of an earlier attempt ends no later one.
    run('expire', first);
    assert.deepEqual([table(), tokens()], ['three\n', [second]]);
    run('expire', second);
    assert.equal(table(), 'one\n');
    apply('four\n');
    assert.equal(run('confirm').status, 0);
    run('expire', second);
    assert.equal(table(), 'four\n');
  });

  test('rules of before that nft no longer takes are not waited for', () => {
    using folder = temporaryDirectory();
    const { run, apply, table } = node(folder, systemd);
    apply('one\n');
    run('confirm');
    const token = apply('two\n');
    folder.write('seaworthy-egress.before', 'refused\n');
    writeFileSync(
      join(folder.path, 'bin/nft'),
      readFileSync(join(folder.path, 'bin/nft'), 'utf8').replace('-c*) exit 0', '*before) exit 1'),
    );
    assert.equal(run('expire', token).status, 0);
    assert.equal(table(), undefined);
  });

  test('after a confirmation a timer does nothing, and there is nothing to confirm', () => {
    using folder = temporaryDirectory();
    const { run, apply, table } = node(folder, systemd);
    const token = apply('one\n');
    assert.match(run('confirm').stdout, /^confirmed/);
    for (const each of [token, '', '*', '../x']) run('expire', each);
    assert.equal(table(), 'one\n');
    assert.equal(run('confirm').status, 1);
    assert.equal(run('remove').status, 0);
    assert.equal(table(), undefined);
  });

  test('rules that nft refuses are never put in force, and set no timer', () => {
    using folder = temporaryDirectory();
    const { run, calls, tokens } = node(folder, { ...systemd, nft: 'exit 1' });
    assert.equal(run('apply').status, 1);
    assert.deepEqual([calls(), tokens()], [['nft -c -f /egress.nft'], []]);
  });

  test('without systemd a shell waits', () => {
    using folder = temporaryDirectory();
    const { run, calls, table } = node(folder, { 'systemd-run': 'exit 1', nohup: '"$@"' });
    folder.write('egress.nft', 'one\n');
    // It does not wait here, so that it ends before the rules are in force, or after.
    writeFileSync(join(folder.path, 'bin/sleep'), '#!/bin/sh\n', { mode: 0o755 });
    run('apply');
    for (let look = 0; table() !== undefined && look < 500; look += 1) execFileSync('/bin/sleep', ['0.01']);
    assert.equal(table(), undefined);
    assert.ok(calls().includes('nft delete table inet seaworthy'));
  });

  test('a timer that ends before the rules are in force takes them back all the same', () => {
    using folder = temporaryDirectory();
    const { run, apply, table } = node(folder, { 'systemd-run': 'shift 5; "$@"' });
    folder.write('egress.nft', 'one\n');
    const late = run('apply');
    assert.deepEqual([late.status, table()], [1, undefined]);
    assert.match(late.stderr, /^the time was over/);
    assert.throws(() => apply('two\n'));
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
