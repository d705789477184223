import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Command } from 'commander';
import { addSettings, configPath, normalizeSwitches, readFlags } from './flags.ts';
import { loadSettings } from './load-settings.ts';
import { renderSettings } from './render.ts';
import { resolveSettings } from './resolve.ts';
import { settingKeys } from './table.ts';

/** The command `x`, which knows every setting, after it read its arguments. */
function parse(...args: readonly string[]): Command {
  const command = addSettings(new Command('x').argument('[names...]').exitOverride(), settingKeys);
  return command.parse(normalizeSwitches(args), { from: 'user' });
}

function flagsOf(...args: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries([...readFlags(parse(...args))].map(([key, { texts }]) => [key, texts]));
}

const cases: readonly (readonly [args: readonly string[], flags: Record<string, readonly string[]>])[] = [
  [[], {}],
  [['alpine'], {}],
  [['--severity', 'HIGH', 'alpine'], { severity: ['HIGH'] }],
  [['-s', 'HIGH', '--severity=LOW'], { severity: ['HIGH', 'LOW'] }],
  [['--timeout', '1m', '--timeout', '2m'], { timeout: ['2m'] }],
  [['-o', 'json=a', '-o', 'b', '--skip-dirs', 'c,d'], { output: ['json=a', 'b'], skipDirs: ['c,d'] }],
  [['--offline', 'alpine'], { offline: ['true'] }],
  [['--offline=false', '-q'], { offline: ['false'], quiet: ['true'] }],
  [['--offline=TRUE'], { offline: ['true'] }],
  [['--no-cache', '--no-progress'], { noCache: ['true'], noProgress: ['true'] }],
  [['--no-cache=true'], { noCache: ['true'] }],
  [['--no-cache=false'], { noCache: ['false'] }],
];

for (const [args, flags] of cases) {
  test(`readFlags() reads ${args.join(' ') || 'nothing'}`, () => assert.deepEqual(flagsOf(...args), flags));
}

test('readFlags() leaves alone an option of the command that is called like a setting', () => {
  const command = addSettings(new Command('sign').exitOverride(), ['quiet']).option('--format <form>');
  command.parse(['--format', 'legacy', '-q'], { from: 'user' });
  assert.deepEqual([...readFlags(command).keys()], ['quiet']);
});

test('normalizeSwitches() reads what scripts for cosign and scanners write', () => {
  for (const [given, wanted] of [
    [['--only-fixed'], ['--ignore-unfixed']],
    [['--only-fixed=false'], ['--no-ignore-unfixed']],
    [['--vuln-type=os'], ['--pkg-types=os']],
    [
      ['--vuln-type', 'library'],
      ['--pkg-types', 'library'],
    ],
    [['--skip-db-update=true', '--offline-scan=false'], ['--skip-db-update']],
    [
      ['--registry-username', 'me'],
      ['--username', 'me'],
    ],
    [['--registry-cacert=ca.pem'], ['--ca-cert=ca.pem']],
    [['--yes=true', '--recursive=false', '--upload=true'], ['--yes']],
    [
      ['--upload=false', '--check-claims=false', '--new-bundle-format=false'],
      ['--no-upload', '--no-check-claims', '--no-new-bundle-format'],
    ],
    [
      ['--tlog-upload=false', '--rekor-url='],
      ['--no-tlog-upload', '--rekor-url='],
    ],
    [
      ['--', '--registry-username'],
      ['--', '--registry-username'],
    ],
  ] as const) {
    assert.deepEqual(normalizeSwitches(given), wanted, given.join(' '));
  }
  assert.throws(() => normalizeSwitches(['--upload=perhaps']), { code: 'SETTING_INVALID' });
});

test('normalizeSwitches() leaves alone what is no switch', () => {
  const args = ['--severity=LOW', '--unknown=false', '--', '--offline=maybe'];
  assert.deepEqual(normalizeSwitches(args), args);
});

test('normalizeSwitches() refuses what is neither on nor off', () => {
  const message = '--offline cannot be "maybe"; write true or false';
  assert.throws(() => normalizeSwitches(['--offline=maybe']), { code: 'SETTING_INVALID', message });
});

test('addSettings() hides the opposites of switches and shows defaults', () => {
  const help = parse().helpInformation().replaceAll(/\s+/g, ' ');
  assert.match(help, /-s, --severity <severities>/);
  assert.match(help, /\(default: 5m0s\)/);
  assert.doesNotMatch(help, /--no-offline|--cache |--progress /);
});

test('configPath() prefers the flag', () => {
  assert.equal(configPath(parse('-c', 'a.yaml'), { SEAWORTHY_CONFIG: 'b.yaml' }), 'a.yaml');
  assert.equal(configPath(parse(), { SEAWORTHY_CONFIG: 'b.yaml' }), 'b.yaml');
  assert.equal(configPath(parse(), { SEAWORTHY_CONFIG: '' }), undefined);
});

test('loadSettings() joins all sources of a command below others', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'settings-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'seaworthy.yaml'), 'quiet: true\nexit-code: 4\n');
  const program = new Command('program');
  const command = addSettings(program.command('image').argument('<name>'), ['exitCode', 'offline']);
  command.action(() => undefined);
  program.parse(['image', '--offline', 'alpine'], { from: 'user' });
  const { settings, origins } = await loadSettings(command, { env: { SEAWORTHY_DEBUG: '1' }, home: '/home/u', cwd });
  assert.deepEqual([settings.offline, settings.debug, settings.quiet, settings.exitCode], [true, true, true, 4]);
  assert.equal(origins.get('exitCode')?.place, 'seaworthy.yaml:2');
});

test('renderSettings() shows values and origins, and no secret', () => {
  const resolved = resolveSettings({
    flags: readFlags(parse('--severity', 'HIGH,LOW', '--timeout', '90s', '--db-source', 'https://me:hunter2@host/osv')),
    env: { SEAWORTHY_REGISTRY_TOKEN: 'topsecret' },
    home: '/home/u',
  });
  const table = renderSettings(resolved, 'table');
  assert.match(table, /^Setting +Value +From\n─+ {2}─+ {2}─+\nplatform +- +default\n/);
  assert.match(table, /^severity +HIGH,LOW +--severity$/m);
  assert.match(table, /^timeout +1m30s +--timeout$/m);
  assert.match(table, /^registry-token +\[redacted\] +SEAWORTHY_REGISTRY_TOKEN$/m);
  const json = JSON.parse(renderSettings(resolved, 'json')) as Record<string, unknown>;
  assert.equal(Object.keys(json).length, settingKeys.length);
  assert.deepEqual(json['timeout'], { value: '1m30s', origin: 'flag', place: '--timeout' });
  assert.deepEqual(json['platform'], { value: null, origin: 'default', place: 'default' });
  for (const text of [table, JSON.stringify(json)]) assert.doesNotMatch(text, /topsecret|hunter2/);
});
