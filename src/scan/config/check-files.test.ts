import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory, type TemporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { silentProgress } from '../../base/progress.ts';
import type { ConfigReport } from '../../finding/config-report.ts';
import type { ConfigFormat } from '../../misconfig/format.ts';
import { configFormats } from '../../misconfig/list.ts';
import { checkConfig, type ConfigContext } from './check-files.ts';
import { excerptOf } from './excerpt.ts';
import { configScanLimits } from './limits.ts';

const good = 'FROM a:1\nUSER b\nHEALTHCHECK NONE\n';

function put(folder: TemporaryDirectory, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
}

function check(
  folder: TemporaryDirectory,
  path: string = '.',
  changes: Partial<ConfigContext> = {},
): Promise<ConfigReport> {
  return checkConfig(path, join(folder.path, path), {
    formats: configFormats,
    skipped: new Set(),
    now: 0,
    skip: { directories: [], files: [] },
    progress: silentProgress,
    signal: new AbortController().signal,
    ...changes,
  });
}

function brief({ files, problems }: ConfigReport): unknown {
  return {
    files: files.map(({ path, failures }) => [path, ...failures.map((failure) => failure.check.id)].join(' ')),
    problems: problems.map(({ code, subject }) => `${code} ${subject}`),
  };
}

test('checkConfig() looks at the files of a folder that are called so, in order', async () => {
  using folder = temporaryDirectory();
  put(folder, {
    Dockerfile: good,
    'b/web.Dockerfile': 'FROM a\nUSER b\nHEALTHCHECK NONE\n',
    'b/Dockerfile.dev': good,
    'b/readme.md': 'x',
    'node_modules/x/Dockerfile': 'FROM a',
    'b/node_modules/x/Dockerfile': 'FROM a',
    '.git/Dockerfile': 'FROM a',
    '.hidden/Containerfile': good,
  });
  assert.deepEqual(brief(await check(folder)), {
    files: ['.hidden/Containerfile', 'Dockerfile', 'b/Dockerfile.dev', 'b/web.Dockerfile DS-0001'],
    problems: [],
  });
});

test('checkConfig() leaves out what is to be skipped', async () => {
  using folder = temporaryDirectory();
  put(folder, { Dockerfile: good, 'a/b/Dockerfile': good, 'c/Dockerfile': good, 'c/Dockerfile.x': good });
  const skip = { directories: ['./a/'], files: ['c/*.x'] };
  assert.deepEqual(brief(await check(folder, '.', { skip })), { files: ['Dockerfile', 'c/Dockerfile'], problems: [] });
});

test('checkConfig() follows no links, and so does not go round', async () => {
  using folder = temporaryDirectory();
  put(folder, { 'a/Dockerfile': good });
  symlinkSync('..', join(folder.path, 'a', 'up'));
  symlinkSync('Dockerfile', join(folder.path, 'a', 'Dockerfile.link'));
  symlinkSync('nowhere', join(folder.path, 'a', 'Dockerfile.gone'));
  assert.deepEqual(brief(await check(folder)), { files: ['a/Dockerfile'], problems: [] });
});

test('checkConfig() follows the link that was named', async () => {
  using folder = temporaryDirectory();
  put(folder, { 'a/Dockerfile': good });
  symlinkSync('a', join(folder.path, 'link'));
  symlinkSync('a/Dockerfile', join(folder.path, 'Dockerfile'));
  assert.deepEqual(brief(await check(folder, 'link')), { files: ['Dockerfile'], problems: [] });
  assert.deepEqual(brief(await check(folder, 'Dockerfile')), { files: ['Dockerfile'], problems: [] });
});

test('checkConfig() tells what it cannot read, and never that it is clean', async () => {
  using folder = temporaryDirectory();
  put(folder, { Dockerfile: 'FROM a\nRUM b', 'Dockerfile.empty': '', 'Dockerfile.large': '', 'x/Dockerfile': good });
  writeFileSync(join(folder.path, 'Dockerfile.large'), `${good}#${'x'.repeat(configScanLimits.fileBytes)}`);
  const report = await check(folder);
  assert.deepEqual(brief(report), {
    files: ['Dockerfile', 'Dockerfile.empty', 'Dockerfile.large', 'x/Dockerfile'],
    problems: [
      'CONFIG_UNREADABLE Dockerfile',
      'CONFIG_UNREADABLE Dockerfile.empty',
      'CONFIG_UNREADABLE Dockerfile.large',
    ],
  });
  assert.ok(report.problems.every(({ incomplete }) => incomplete === true));
  assert.ok(report.files.slice(0, 3).every(({ passed, problems }) => passed.length === 0 && problems.length === 1));
  assert.match(report.problems[2]?.message ?? '', /larger than 4 MiB/);
});

const asRoot = process.getuid?.() === 0 ? 'root may read everything' : false;

test('checkConfig() tells what it may not read', { skip: asRoot }, async () => {
  using folder = temporaryDirectory();
  put(folder, { Dockerfile: good, 'a/Dockerfile': good });
  chmodSync(join(folder.path, 'Dockerfile'), 0);
  chmodSync(join(folder.path, 'a'), 0);
  assert.deepEqual(brief(await check(folder)), {
    files: [],
    problems: ['FOLDER_UNREADABLE a', 'FILE_UNREADABLE Dockerfile'],
  });
  chmodSync(join(folder.path, 'a'), 0o755);
});

test('checkConfig() waits for no pipe', { skip: process.platform === 'win32' }, async () => {
  using folder = temporaryDirectory();
  execFileSync('mkfifo', [join(folder.path, 'Dockerfile')]);
  assert.deepEqual(brief(await check(folder)), { files: [], problems: [] });
  assert.deepEqual(brief(await check(folder, 'Dockerfile')), { files: [], problems: ['FILE_UNREADABLE Dockerfile'] });
});

test('checkConfig() looks at a file that is named, whatever it is called', async () => {
  using folder = temporaryDirectory();
  put(folder, { 'build-me': 'FROM a\nUSER b\nHEALTHCHECK NONE\n', notes: 'Hello' });
  assert.deepEqual(brief(await check(folder, 'build-me')), { files: ['build-me DS-0001'], problems: [] });
  const other = await check(folder, 'notes');
  assert.deepEqual(brief(other), { files: [], problems: ['CONFIG_OTHER_FORMAT notes'] });
  assert.equal(other.problems[0]?.incomplete, undefined);
});

test('checkConfig() asks the formats in order, and leaves what none of them knows', async () => {
  using folder = temporaryDirectory();
  put(folder, { 'a.x': 'one', 'b.x': 'two', 'c.x': 'three' });
  const made = (name: string, word: string): ConfigFormat => ({
    name,
    mayBe: (path) => path.endsWith('.x'),
    check: (path, bytes) =>
      Buffer.from(bytes).includes(word)
        ? { path, type: name, failures: [], ignored: [], passed: [], problems: [] }
        : undefined,
  });
  const { files, problems } = await check(folder, '.', { formats: [made('first', 'o'), made('second', 'r')] });
  assert.deepEqual(
    files.map(({ path, type }) => `${path} ${type}`),
    ['a.x first', 'b.x first', 'c.x second'],
  );
  assert.deepEqual(problems, []);
});

test('checkConfig() says that there is nothing, and stops when it is told to', async () => {
  using folder = temporaryDirectory();
  await assert.rejects(check(folder, 'gone'), {
    code: 'TARGET_INVALID',
    message: 'gone is not there; name a file or a folder with configuration',
  });
  const reason = new Error('stop');
  await assert.rejects(check(folder, '.', { signal: AbortSignal.abort(reason) }), reason);
});

test('checkConfig() keeps the lines of what it found', async () => {
  using folder = temporaryDirectory();
  put(folder, { Dockerfile: 'FROM a:1\r\nUSER root\r\n# trivy:ignore:DS-0010\nRUN sudo \\\n x\nHEALTHCHECK NONE' });
  const [file] = (await check(folder)).files;
  assert.ok(file);
  assert.deepEqual(
    [...file.code.values()].map((lines) => lines.map(({ number, content }) => `${number} ${content}`)),
    [['2 USER root'], ['4 RUN sudo \\', '5  x']],
  );
  assert.equal(file.ignored.length, 1);
});

test('excerptOf() cuts what is long', () => {
  const lines = Array.from({ length: 30 }, (_, at) => `${at + 1}`.padEnd(600, 'x'));
  const excerpt = excerptOf(lines, { start: 3, end: 20 });
  assert.equal(excerpt.length, 11);
  assert.deepEqual(excerpt.at(-1), { number: 13, content: '', truncated: true });
  assert.ok(excerpt.every(({ content }) => content.length <= configScanLimits.codeColumns));
  assert.equal(excerptOf(lines, { start: 29, end: 40 }).length, 2);
  assert.deepEqual(excerptOf([], { start: 1, end: 1 }), []);
});
