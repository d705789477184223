import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { advisoryFeed } from '../examples/first-scan/advisory-feed.ts';
import { buildImage } from '../examples/first-scan/build-image.ts';
import { writeFolder } from '../examples/first-scan/write-folder.ts';
import { environmentName } from '../src/cli/config/setting.ts';
import { settingKeys, settingTable } from '../src/cli/config/table.ts';
import { makeSyntheticImage, storeImage } from '../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../testing/registry/test-registry.ts';
import {
  headingAnchors,
  namedCode,
  namedPaths,
  namedSettings,
  relativeLinks,
  shellExamples,
  triedSteps,
  unnamedFiles,
  untriedBlocks,
} from './doc-examples.ts';

const root = join(import.meta.dirname, '..');
const launcher = join(root, 'bin', 'seaworthy.js');
const docs = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', '.changeset/README.md', ...docs];

/** Flags that belong to one command and are no settings. */
const commandFlags: ReadonlySet<string> = new Set(['--config', '--from', '--help', '--json', '--verify', '--version']);

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** An image with one package that the advisories of the first scan speak of. */
function exampleImage(): Map<string, Buffer> {
  const path = 'srv/app/node_modules/axios/package.json';
  const bytes = Buffer.from(JSON.stringify({ name: 'axios', version: '0.21.0' }));
  return buildImage('example:latest', [{ createdBy: 'COPY packages /', files: [{ path, mode: 0o644, bytes }] }]);
}

/**
 * Runs a script as a reader would who has the program on PATH and stands in a folder with an OCI layout (`image`) and
 * advisories as the OSV bucket lays them out (`osv`), but without a network, and in a home of its own. A script that names
 * `$REGISTRY` gets one on loopback, which holds `app:1.4`.
 */
async function runScript(script: string): Promise<Outcome> {
  if (!script.includes('$REGISTRY')) return await runWith(script, { SEAWORTHY_OFFLINE: 'true' });
  await using registry = await startTestRegistry();
  storeImage(registry.store, 'app', '1.4', makeSyntheticImage([{ app: 'app' }]));
  return await runWith(script, { REGISTRY: registry.host });
}

async function runWith(script: string, variables: Readonly<Record<string, string>>): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  try {
    for (const name of ['bin', 'home', 'work']) mkdirSync(join(folder, name));
    symlinkSync(launcher, join(folder, 'bin', 'seaworthy'));
    await writeFolder(join(folder, 'work', 'image'), exampleImage());
    await writeFolder(join(folder, 'work', 'osv'), await advisoryFeed());
    const path = [join(folder, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
    const env = { PATH: path, HOME: join(folder, 'home'), TMPDIR: folder, NO_COLOR: '1', ...variables };
    return await new Promise((resolve) => {
      execFile('sh', ['-e', '-c', script], { cwd: join(folder, 'work'), env, timeout: 60_000 }, (error, out, err) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ status, output: `${out}${err}` });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const page of ['README.md', ...docs]) {
  for (const { line, script, status } of shellExamples(read(page))) {
    test(`the example at ${page}:${line} ends with status ${status}`, async () => {
      const outcome = await runScript(script);
      assert.equal(outcome.status, status, outcome.output);
    });
  }
}

test('links between documents lead somewhere', () => {
  const broken = pages.flatMap((page) =>
    relativeLinks(read(page)).flatMap((link) => {
      const [file = '', anchor] = link.split('#', 2);
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(root, target))) return [`${page} links to ${link}`];
      const missing = anchor !== undefined && target.endsWith('.md') && !headingAnchors(read(target)).has(anchor);
      return missing ? [`${page} links to ${link}`] : [];
    }),
  );
  assert.deepEqual(broken, []);
});

test('files that documents name exist', () => {
  const broken = pages.flatMap((page) =>
    namedPaths(read(page)).flatMap((path) => (existsSync(join(root, path)) ? [] : [`${page} names ${path}`])),
  );
  assert.deepEqual(broken, []);
});

/** Files of the checkout's code, as paths from its root. */
function codeFiles(): string[] {
  return ['src', 'testing', 'test', 'tools', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
}

test('what documents about the code call by its name is there', () => {
  const files = codeFiles();
  const names = new Set(files.map((path) => basename(path)));
  const words = new Set(files.flatMap((path) => read(path).match(/[A-Za-z_]\w*/g) ?? []));
  const broken = docs
    .filter((page) => /\/(?:architecture|adding-.*)\.md$/.test(page))
    .flatMap((page) => {
      const named = namedCode(read(page));
      const missing = [...named.files].filter((name) => !names.has(name));
      return [...missing, ...[...named.words].filter((word) => !words.has(word))].map(
        (name) => `${page} names ${name}`,
      );
    });
  assert.deepEqual(broken, []);
});

test('docs/architecture.md names every table of limits', () => {
  const [, table = ''] = read('docs/architecture.md').split('\n## Limits\n');
  const limits = codeFiles().filter((path) => /^src\/.*\/limits\.ts$/.test(path));
  assert.deepEqual(unnamedFiles(table, limits), []);
});

test('docs/README.md links every document', () => {
  const links = relativeLinks(read('docs/README.md'));
  const missing = docs
    .map((page) => page.slice('docs/'.length))
    .filter((name) => name !== 'README.md' && !links.includes(name));
  assert.deepEqual(missing, []);
});

test('the README starts with the two lines that set everything up, and .ci/run uses the second', () => {
  const [first = ''] = /^```sh\n[\s\S]*?^```$/m.exec(read('README.md')) ?? [];
  assert.match(first, /^npm ci && npm start\b/m);
  assert.match(first, /^npm ci && npm test\b/m);
  assert.match(read('.ci/run'), /\bnpm ci && npm test\b/);
});

const configuration = existsSync(join(root, 'docs/configuration.md')) ? 'docs/configuration.md' : undefined;

test(
  'docs/configuration.md names every setting, and none that does not exist',
  { skip: configuration === undefined },
  () => {
    const { flags, variables } = namedSettings(read(configuration as string));
    const known = settingKeys.map((key) => settingTable[key].flag);
    // The password has no flag: what stands on a command line is seen by everybody on the machine.
    const knownVariables = new Set([...known, '--config', '--password'].map(environmentName));
    assert.deepEqual(
      [...flags].filter((flag) => !known.includes(flag) && !commandFlags.has(flag)),
      [],
    );
    assert.deepEqual(
      [...variables].filter((name) => !knownVariables.has(name)),
      [],
    );
    assert.deepEqual(
      known.filter((flag) => !flags.has(flag)),
      [],
    );
  },
);

test('shellExamples() finds the blocks that promise something', () => {
  const page = [
    '# Title',
    '```sh',
    '# run: ok',
    'true',
    '```',
    '```sh',
    'rm -rf /',
    '```',
    '```sh',
    '# run: exit 2',
    'x',
    '```',
  ];
  assert.deepEqual(shellExamples(page.join('\n')), [
    { line: 3, script: '# run: ok\ntrue', status: 0 },
    { line: 10, script: '# run: exit 2\nx', status: 2 },
  ]);
  assert.deepEqual(shellExamples('```yaml\n# run: ok\n```'), []);
  assert.throws(() => shellExamples('```sh\n# run: fine\n```'), /Line 2/);
});

test('triedSteps() finds the blocks that are tried one after another', () => {
  const page = [
    '```sh',
    '# tried: ok',
    'true',
    '```',
    '```sh',
    '# run: ok',
    'x',
    '```',
    '```sh',
    '# tried: exit 3',
    'y',
    '```',
    '```sh',
    '# tried: goes on',
    '```',
    '```sh',
    '# tried: ok, on a node',
    '```',
    '```sh',
    'z',
    '```',
  ];
  assert.deepEqual(triedSteps(page.join('\n')), [
    { line: 2, script: '# tried: ok\ntrue', status: 0 },
    { line: 10, script: '# tried: exit 3\ny', status: 3 },
    { line: 14, script: '# tried: goes on', status: 0, way: 'goes on' },
    { line: 17, script: '# tried: ok, on a node', status: 0, way: 'on a node' },
  ]);
  assert.deepEqual(
    untriedBlocks(page.join('\n')).map(({ line, text }) => [line, text]),
    [[20, 'z']],
  );
  assert.throws(() => triedSteps('```sh\n# tried: ok, on the moon\n```'), /Line 2/);
  assert.throws(() => shellExamples('```sh\n# run: goes on\n```'), /Line 2/);
  assert.throws(() => triedSteps('```sh\n# tried: fine\n```'), /Line 2/);
});

test('runScript() gives the status of the script and the words of what failed', async () => {
  assert.equal((await runScript('true')).status, 0);
  assert.deepEqual(await runScript('echo out; echo err >&2; exit 7'), { status: 7, output: 'out\nerr\n' });
  assert.equal((await runScript('false\ntrue')).status, 1);
});

test('relativeLinks() leaves out other sites and code', () => {
  const page = 'See [a](a.md), [b](<b.md#x> "B"), [c](https://example.org/), [d](#here)\n```\n[e](e.md)\n```\n';
  assert.deepEqual(relativeLinks(page), ['a.md', 'b.md#x', '#here']);
});

test('headingAnchors() makes anchors of headings', () => {
  assert.deepEqual([...headingAnchors('# One, `two`: three\n\n## Exit codes\n')], ['one-two-three', 'exit-codes']);
});

test('namedPaths() leaves out names with placeholders', () => {
  const page = '`src/base/error.ts` and `src/catalog/os/<name>/` and `src/**/*.ts` and src/x.ts and `docs/`';
  assert.deepEqual(namedPaths(page), ['src/base/error.ts', 'docs/']);
});

test('namedCode() finds files and words, and leaves out what has a folder or a placeholder', () => {
  const { files, words } = namedCode(
    '`a-b.test.ts`, `src/x.ts`, `<name>.ts`, `readX()`, `Gate.judgeAll`, `word`, readY()',
  );
  assert.deepEqual([...files], ['a-b.test.ts']);
  assert.deepEqual([...words], ['readX', 'Gate', 'judgeAll']);
});

test('unnamedFiles() finds what no row names by its path, its folder or a folder around it', () => {
  const table = [
    '| a | `src/a/limits.ts` |',
    '| b | `src/c/der/limits.ts`, `cbor/` and `toml/` beside it |',
    '| d | `src/d/limits.ts`, and `limits.ts` in its folders |',
  ].join('\n');
  const named = [
    'src/a/limits.ts',
    'src/c/der/limits.ts',
    'src/c/cbor/limits.ts',
    'src/d/limits.ts',
    'src/d/x/y/limits.ts',
  ];
  assert.deepEqual(unnamedFiles(table, named), []);
  const unnamed = ['src/a/b/limits.ts', 'src/c/zip/limits.ts', 'src/e/toml/limits.ts', 'src/dd/limits.ts'];
  assert.deepEqual(unnamedFiles(table, unnamed), unnamed);
});

test('namedSettings() finds flags and variables', () => {
  const { flags, variables } = namedSettings(
    '`--cache-dir` (`SEAWORTHY_CACHE_DIR`), SEAWORTHY_*, a--b, |--|---|, --x-y=1',
  );
  assert.deepEqual([...flags], ['--cache-dir', '--x-y']);
  assert.deepEqual([...variables], ['SEAWORTHY_CACHE_DIR']);
});
