import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import type { Settings } from '../config/settings.ts';
import { configCommand } from './config.ts';

/** Runs it in a folder with a file that breaks rules (`bad`), one that does not (`good`), and one that cannot be read (`broken`). */
async function run(
  paths: readonly string[],
  changes: Partial<Settings> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<{ status: number; out: string; err: string; written: (name: string) => string }> {
  using folder = temporaryDirectory();
  for (const name of ['bad', 'good', 'broken']) mkdirSync(join(folder.path, name));
  folder.write('bad/Dockerfile', 'FROM alpine\nUSER root\nHEALTHCHECK NONE\n');
  folder.write('good/Dockerfile', 'FROM alpine:3.20\nUSER app\nHEALTHCHECK NONE\n');
  folder.write('broken/Dockerfile', 'FROM alpine:3.20\nRUM x\n');
  for (const [name, text] of Object.entries(files)) folder.write(name, text);
  const { host, out, err } = plainHost(folder.path);
  const status = await configCommand(paths, plainSettings(changes), host);
  const written = new Map<string, string>();
  for (const { file } of changes.output ?? []) {
    if (file !== undefined) written.set(file, readFileSync(join(folder.path, file), 'utf8'));
  }
  return { status, out: out(), err: err(), written: (name) => written.get(name) ?? '' };
}

const statuses: readonly (readonly [what: string, paths: string[], changes: Partial<Settings>, status: number])[] = [
  ['findings alone', ['bad'], {}, 0],
  ['findings with --exit-code', ['bad'], { exitCode: 7 }, 7],
  ['no findings', ['good'], { exitCode: 7 }, 0],
  ['findings of other severities', ['bad'], { exitCode: 7, severity: ['CRITICAL'] }, 0],
  ['findings that are bad enough', ['bad'], { failOn: 'HIGH' }, 1],
  ['findings that are bad enough and not shown', ['bad'], { failOn: 'HIGH', severity: ['LOW'], exitCode: 9 }, 9],
  ['findings that are not bad enough', ['bad'], { failOn: 'CRITICAL', exitCode: 9 }, 0],
  ['findings of checks that are skipped', ['bad'], { exitCode: 7, skipCheck: ['DS-0001', 'AVD-DS-0002'] }, 0],
  ['a file that cannot be read, before all else', ['broken', 'bad'], { exitCode: 7, failOn: 'LOW' }, 2],
  ['a path that is not there beside one that is', ['bad', 'gone'], { exitCode: 7 }, 2],
  ['a file', ['bad/Dockerfile'], { exitCode: 7 }, 7],
];

for (const [what, paths, changes, status] of statuses) {
  test(`config ends with ${status} for ${what}`, async () => {
    assert.equal((await run(paths, changes)).status, status);
  });
}

test('config says what is wrong, and where', async () => {
  const { out, err } = await run(['bad']);
  assert.match(out, /^DS-0002 \(HIGH\): The last USER is 'root'$/m);
  assert.match(out, /^ {2}Dockerfile:2\n {2}2 │ USER root$/m);
  assert.equal(err, '');
});

test('config tells a path that is not there', async () => {
  await assert.rejects(run(['gone']), { code: 'TARGET_INVALID', message: /^gone is not there/ });
  const { out, err } = await run(['gone', 'bad']);
  assert.match(err, /^gone: error TARGET_INVALID: gone is not there; name a file/);
  assert.match(out, /DS-0002/);
});

test('config writes several reports at once', async () => {
  const output = [{ format: 'table' }, { format: 'json', file: 'a.json' }, { format: 'sarif', file: 'a.sarif' }];
  const { out, written } = await run(['bad'], { output });
  assert.match(out, /DS-0002/);
  assert.match(written('a.json'), /"Class": "config"/);
  assert.match(written('a.sarif'), /"ruleId": "DS-0002"/);
});

test('config refuses formats that list packages', async () => {
  await assert.rejects(run(['bad'], { format: 'cyclonedx-json' }), {
    code: 'SETTING_INVALID',
    message: /write table, json or sarif$/,
  });
});

test('config sets aside what the ignore file names', async () => {
  const files = { '.trivyignore': 'DS-0001\nAVD-DS-0002 exp:2026-11-01\n' };
  const { out, err, status } = await run(['bad'], { exitCode: 7 }, files);
  assert.equal(status, 7);
  assert.match(out, /^Set aside: 1 finding\n {2}- DS-0001 by \.trivyignore:1$/m);
  assert.match(out, /^DS-0002 /m);
  assert.match(err, /^\.trivyignore:2: the rule for AVD-DS-0002 ended on 2026-11-01/);
});

test('config takes the ignore file that is named', async () => {
  const files = { 'team.yaml': 'misconfigurations:\n- id: DS-0001\n  paths: ["bad/**"]\n- id: DS-0002\n' };
  const { status } = await run(['bad'], { exitCode: 7, ignorefile: 'team.yaml' }, files);
  assert.equal(status, 0);
});

test('config lists what passed when it is asked to', async () => {
  const { out } = await run(['good'], { includeNonFailures: true, format: 'json' });
  const { Results } = JSON.parse(out) as { Results: [{ Misconfigurations: { Status: string }[] }] };
  assert.equal(Results[0].Misconfigurations.length, 27);
  assert.ok(Results[0].Misconfigurations.every(({ Status }) => Status === 'PASS'));
});
