import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { normalizeSwitches } from '../config/flags.ts';
import { addScannerOptions } from './scanner-options.ts';

/** The names that are left of a command line for Trivy. */
function namesOf(...args: readonly string[]): readonly string[] {
  const command = addScannerOptions(new Command('image').argument('[image...]').exitOverride());
  return command.parse(normalizeSwitches(args), { from: 'user' }).args;
}

test('addScannerOptions() reads what asks for what is so anyway, and shows none of it', () => {
  for (const args of [
    ['--scanners', 'vuln'],
    ['--scanners=vuln,vuln'],
    ['--security-checks', 'vuln'],
    ['--skip-db-update', '--offline-scan'],
    ['--skip-db-update=true', '--skip-java-db-update=false', '--disable-telemetry', '--skip-version-check'],
  ]) {
    assert.deepEqual(namesOf(...args, 'app:1'), ['app:1'], args.join(' '));
  }
  assert.doesNotMatch(addScannerOptions(new Command('image')).helpInformation(), /scanners|skip-db/);
});

test('addScannerOptions() refuses to look for what is not looked for', () => {
  for (const names of ['vuln,secret', 'misconfig', 'all', '']) {
    assert.throws(() => namesOf('--scanners', names, 'app:1'), {
      code: 'SETTING_INVALID',
      message: /write vuln, since/,
    });
  }
  assert.throws(() => namesOf('--scanners', 'vuln,misconfig', '.'), { message: /run "seaworthy config" for/ });
  assert.throws(() => namesOf('--scanners', 'vuln,secret', '.'), { message: /are all that is looked for$/ });
});

test('addScannerOptions() refuses to leave vulnerabilities out of a document for which they were asked', () => {
  const parse = (...args: readonly string[]): Command => {
    const command = addScannerOptions(new Command('image').argument('[image...]').exitOverride());
    command
      .option('-f, --format <format>')
      .option('-o, --output <file>')
      .action(() => undefined);
    return command.parse(args, { from: 'user' });
  };
  const asked = { code: 'SETTING_INVALID', message: /have no vulnerabilities in them here/ };
  assert.throws(() => parse('--scanners', 'vuln', '--format', 'cyclonedx', 'app:1'), asked);
  assert.throws(() => parse('--scanners', 'vuln', '-o', 'cyclonedx-json=app.json', 'app:1'), asked);
  assert.doesNotThrow(() => parse('--format', 'cyclonedx', 'app:1'));
  assert.doesNotThrow(() => parse('--scanners', 'vuln', '--format', 'json', 'app:1'));
});
