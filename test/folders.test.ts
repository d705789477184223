import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { catalogers } from '../src/catalog/list.ts';
import { lockfileCatalogers } from '../src/catalog/source-list.ts';
import { schemes } from '../src/version/list.ts';
import {
  badNames,
  longFiles,
  missingParts,
  notLazy,
  repeated,
  undocumentedExports,
  unlisted,
  type FolderKind,
  type SourceFile,
} from './folder-rules.ts';

const root = join(import.meta.dirname, '..');

/** Lines beyond which a file most likely holds two ideas. */
const maxLines = 400;

const catalogerFolders: FolderKind = {
  folder: /^src\/catalog\/(?:os|language|binary|embedded-sbom|lockfile)\/[^/]+$/,
  parts: ['cataloger.ts', 'parse.ts'],
  exceptions: {
    'src/catalog/binary/cargo-auditable/parse.ts': 'audit-data.ts names the section that is parsed',
    'src/catalog/binary/go/parse.ts': 'build-info.ts and module-list.ts parse the two halves',
    'src/catalog/language/java/parse.ts': 'an archive is walked (walk.ts), and each of its documents has a parser',
    'src/catalog/os/dpkg/parse.ts': 'parse-status.ts, since the lists of files have a parser that opkg shares',
  },
};

const feedFolders: FolderKind = {
  folder: /^src\/advisory\/[^/]+$/,
  parts: ['feed.ts', 'fetch.ts', 'parse.ts', 'schema.ts'],
  exceptions: {},
};

/** Their tests run over all formats and stand beside the folders. */
const documentFolders: FolderKind = {
  folder: /^src\/sbom\/[^/]+$/,
  parts: ['encode.ts', 'decode.ts', 'schema.ts'],
  exceptions: {},
};

const vexFolders: FolderKind = { folder: /^src\/match\/vex\/[^/]+$/, parts: ['parse.ts', 'schema.ts'], exceptions: {} };

/** Their tests run over whole configurations and stand beside the folders. */
const configFolders: FolderKind = {
  folder: /^src\/registry\/config\/(?!value$)[^/]+$/,
  parts: ['model.ts', 'schema.ts', 'check.ts'],
  exceptions: {},
};

/** Their tests run over all targets and stand beside the folders. */
const targetFolders: FolderKind = {
  folder: /^src\/egress\/generate\/(?!firewall$)[^/]+$/,
  parts: ['target.ts'],
  exceptions: {},
};

const runtimeFolders: FolderKind = {
  folder: /^src\/egress\/runtime\/[^/]+$/,
  parts: ['model.ts'],
  exceptions: {},
};

const kmsFolders: FolderKind = {
  folder: /^src\/signing\/kms\/[^/]+$/,
  parts: ['reference.ts', 'client.ts'],
  exceptions: {},
};

const cloudFolders: FolderKind = {
  folder: /^src\/cloud\/[^/]+$/,
  parts: ['cloud.ts', 'identity.ts', 'registry-host.ts', 'registry-token.ts'],
  exceptions: {},
};

/** Ways to tell who a request to the registry comes from. What verifies tokens (`jwt/`) is shared by several of them. */
const authFolders: FolderKind = {
  folder: /^src\/registry\/auth\/(?!jwt$)[^/]+$/,
  parts: ['authenticator.ts', 'limits.ts'],
  exceptions: {},
};

function read(folder: string): SourceFile[] {
  const top = join(root, folder);
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));
}

const src = read('src');
const product = src.filter(({ path }) => !path.endsWith('.test.ts'));
const everything = [...src, ...['test', 'testing', 'tools', 'bench', 'examples'].flatMap(read)];

test('every cataloger has its parts, and stands in the list once', () => {
  assert.deepEqual(missingParts(src, catalogerFolders), []);
  const isLockfile = ({ path }: SourceFile): boolean => /^src\/catalog\/lockfile\/.+\/cataloger\.ts$/.test(path);
  const isMember = ({ path }: SourceFile): boolean => /^src\/catalog\/(?!lockfile\/).+\/cataloger\.ts$/.test(path);
  assert.deepEqual(unlisted(product, 'src/catalog/list.ts', isMember), []);
  assert.equal(catalogers.length, product.filter(isMember).length);
  assert.deepEqual(unlisted(product, 'src/catalog/source-list.ts', isLockfile), []);
  assert.equal(lockfileCatalogers.length, product.filter(isLockfile).length);
  assert.deepEqual(repeated([...catalogers, ...lockfileCatalogers].map(({ id }) => id)), []);
});

test('every lock file is known to reports, beside its manifest, and in the documents', () => {
  const text = (path: string): string => readFileSync(join(root, path), 'utf8');
  const reports = text('src/report/group-targets.ts');
  const manifests = text('src/scan/source-manifests.ts');
  const page = text('docs/source-code.md');
  const missing = lockfileCatalogers.flatMap(({ id, wants }) => [
    ...(reports.includes(`['${id}', '`) ? [] : [`${id} has no name in group-targets.ts`]),
    ...wants
      .flatMap((want) => ('name' in want ? [want.name] : []))
      .flatMap((name) => [
        // It is manifest and lock file in one.
        ...(name === 'go.mod' || manifests.includes(`'${name}'`) ? [] : [`${name} is missing in source-manifests.ts`]),
        ...(page.includes(`\`${name}\``) ? [] : [`${name} is missing in docs/source-code.md`]),
      ]),
  ]);
  assert.deepEqual(missing, []);
});

test('every feed has its parts, and is read for the database', () => {
  assert.deepEqual(missingParts(src, feedFolders), []);
  const update = readFileSync(join(root, 'src/scan/update-database.ts'), 'utf8');
  const unread = product
    .filter(({ path }) => /^src\/advisory\/[^/]+\/feed\.ts$/.test(path))
    .filter(({ path }) => !update.includes(`'${path.replace('src/', '../')}'`));
  assert.deepEqual(
    unread.map(({ path }) => path),
    [],
  );
});

test('every version scheme stands in the list once', () => {
  const isMember = ({ path, text }: SourceFile): boolean =>
    /^src\/version\/[^/]+$/.test(path) && /^export const \w+: VersionScheme\b/m.test(text);
  assert.deepEqual(unlisted(product, 'src/version/list.ts', isMember), []);
  assert.equal(schemes.length, product.filter(isMember).length);
  assert.deepEqual(repeated(schemes.map(({ id }) => id)), []);
});

test('every rule of matching stands in its list once', () => {
  const isRule =
    (folder: string, type: string) =>
    ({ path, text }: SourceFile): boolean =>
      path.startsWith(folder) &&
      new RegExp(`^export const \\w+: ${type}\\b`, 'm').test(text) &&
      !path.endsWith('/list.ts');
  assert.deepEqual(unlisted(product, 'src/match/os/list.ts', isRule('src/match/os/', 'OsRule')), []);
  const language = isRule('src/match/language/', 'LanguageRule');
  assert.deepEqual(unlisted(product, 'src/match/language/list.ts', language), []);
});

test('every report format stands in the list once', () => {
  const isMember = ({ path }: SourceFile): boolean => /^src\/report\/[^/]+\/render\.ts$/.test(path);
  assert.deepEqual(unlisted(product, 'src/report/list.ts', isMember), []);
});

test('every check of configuration stands in the list of its format once', () => {
  const isMember = ({ path }: SourceFile): boolean => /^src\/misconfig\/dockerfile\/check\/[^/]+$/.test(path);
  assert.deepEqual(unlisted(product, 'src/misconfig/dockerfile/list.ts', isMember), []);
  const isManifestCheck = ({ path }: SourceFile): boolean => /^src\/misconfig\/kubernetes\/check\/.+\.ts$/.test(path);
  assert.deepEqual(unlisted(product, 'src/misconfig/kubernetes/list.ts', isManifestCheck), []);
});

test('every document format has its parts, and is loaded only when it is used', () => {
  const isMember = ({ path }: SourceFile): boolean => /^src\/sbom\/[^/]+\/(?:en|de)code\.ts$/.test(path);
  const withoutTests = missingParts(product, documentFolders).filter((line) => !line.includes('.test.ts'));
  assert.deepEqual(withoutTests, []);
  assert.deepEqual(notLazy(product, 'src/sbom/list.ts', isMember), []);
});

test('every format of VEX has its parts, and is told by its content', () => {
  const isMember = ({ path }: SourceFile): boolean => /^src\/match\/vex\/[^/]+\/parse\.ts$/.test(path);
  const withoutTests = missingParts(product, vexFolders).filter((line) => !line.includes('.test.ts'));
  assert.deepEqual(withoutTests, []);
  assert.deepEqual(unlisted(product, 'src/match/vex/parse-vex.ts', isMember), []);
});

test('every part of a registry configuration has its parts, and schemas are loaded only when they are used', () => {
  const withoutTests = missingParts(product, configFolders).filter((line) => !line.includes('.test.ts'));
  assert.deepEqual(withoutTests, []);
  const early = product.filter(
    ({ path, text }) =>
      path.startsWith('src/registry/config/') &&
      !/(?:^|\/)(?:schema|list-settings)\.ts$/.test(path) &&
      /^import (?!type)[^;]*\/schema\.ts';$/m.test(text),
  );
  assert.deepEqual(
    early.map(({ path }) => path),
    [],
  );
});

test('every runtime and every target of egress has its part, and stands in its list once', () => {
  for (const kind of [targetFolders, runtimeFolders]) {
    assert.deepEqual(
      missingParts(product, kind).filter((line) => !line.includes('.test.ts')),
      [],
    );
  }
  const isTarget = ({ path }: SourceFile): boolean => /^src\/egress\/generate\/[^/]+\/target\.ts$/.test(path);
  assert.deepEqual(unlisted(product, 'src/egress/generate/list.ts', isTarget), []);
  const isModel = ({ path }: SourceFile): boolean => /^src\/egress\/runtime\/[^/]+\/model\.ts$/.test(path);
  assert.deepEqual(unlisted(product, 'src/egress/runtime/list.ts', isModel), []);
});

test('every cloud has its parts, and stands in the list once', () => {
  assert.deepEqual(missingParts(src, cloudFolders), []);
  const isMember = ({ path }: SourceFile): boolean => /^src\/cloud\/[^/]+\/cloud\.ts$/.test(path);
  assert.deepEqual(unlisted(product, 'src/cloud/list.ts', isMember), []);
});

test('every key management service has its parts, and is loaded only when it is used', () => {
  assert.deepEqual(missingParts(src, kmsFolders), []);
  const isClient = ({ path }: SourceFile): boolean => /^src\/signing\/kms\/[^/]+\/client\.ts$/.test(path);
  assert.deepEqual(notLazy(product, 'src/signing/kms/list.ts', isClient), []);
});

test('every way to log in to the registry has its parts', () => {
  assert.deepEqual(missingParts(src, authFolders), []);
});

test('every command is loaded by the program, and only when it runs', () => {
  const isMember = ({ path }: SourceFile): boolean => /^src\/cli\/commands\/[^/]+\.ts$/.test(path);
  assert.deepEqual(notLazy(product, 'src/cli/program', isMember), []);
});

test('files are named in kebab-case, and none is an index', () => {
  assert.deepEqual(badNames(everything.map(({ path }) => path)), []);
});

test('no file holds more than a reader wants to meet', () => {
  assert.deepEqual(longFiles(everything, maxLines, {}), []);
});

test('every export of src says what it is', () => {
  assert.deepEqual(undocumentedExports(product), []);
});

function file(path: string, text = ''): SourceFile {
  return { path, text };
}

const kind: FolderKind = { folder: /^feeds\/[^/]+$/, parts: ['fetch.ts', 'parse.ts'], exceptions: {} };
const whole = [
  file('feeds/a/fetch.ts'),
  file('feeds/a/parse.ts'),
  file('feeds/a/parse.test.ts'),
  file('feeds/feed.ts'),
];

test('missingParts() finds a folder without a part or a test', () => {
  assert.deepEqual(missingParts(whole, kind), []);
  assert.deepEqual(missingParts(whole.slice(1), kind), ['feeds/a/fetch.ts is missing']);
  assert.deepEqual(missingParts(whole.slice(0, 2), kind), ['feeds/a/*.test.ts is missing']);
  assert.deepEqual(missingParts(whole.slice(1), { ...kind, exceptions: { 'feeds/a/fetch.ts': 'why' } }), []);
  assert.deepEqual(missingParts(whole, { ...kind, exceptions: { 'feeds/a/fetch.ts': 'why' } }), [
    'feeds/a/fetch.ts needs no exception',
  ]);
});

test('unlisted() finds a member that is listed never or twice', () => {
  const isMember = ({ path }: SourceFile): boolean => path.endsWith('/one.ts');
  const member = file('x/a/one.ts');
  const list = (text: string): SourceFile[] => [member, file('x/list.ts', text)];
  assert.deepEqual(unlisted(list("import { a } from './a/one.ts';"), 'x/list.ts', isMember), []);
  assert.deepEqual(unlisted(list("import { a } from './b/one.ts';"), 'x/list.ts', isMember), [
    'x/a/one.ts is imported 0 times by x/list.ts',
  ]);
  assert.deepEqual(unlisted(list("from './a/one.ts';\nfrom './a/one.ts';"), 'x/list.ts', isMember), [
    'x/a/one.ts is imported 2 times by x/list.ts',
  ]);
  assert.deepEqual(unlisted([member], 'x/list.ts', isMember), ['x/list.ts is missing']);
});

test('notLazy() finds a command that is never loaded, or at the start', () => {
  const isMember = ({ path }: SourceFile): boolean => path.startsWith('cli/commands/');
  const program = (text: string): SourceFile[] => [file('cli/commands/scan.ts'), file('cli/main.ts', text)];
  const lazy = "action(async () => (await import('./commands/scan.ts')).scan());";
  assert.deepEqual(notLazy(program(lazy), 'cli/main.ts', isMember), []);
  assert.deepEqual(notLazy(program("const load = () => import('./commands/scan.ts');"), 'cli/main.ts', isMember), []);
  assert.deepEqual(
    notLazy(program(`import type { S } from './commands/scan.ts';\n${lazy}`), 'cli/main.ts', isMember),
    [],
  );
  assert.deepEqual(notLazy(program(''), 'cli/main.ts', isMember), ['cli/commands/scan.ts is never loaded']);
  for (const early of [
    "import { scan } from './commands/scan.ts';",
    "import {\n  scan,\n} from './commands/scan.ts';",
  ]) {
    const found = notLazy(program(`${early}\n${lazy}`), 'cli/main.ts', isMember);
    assert.deepEqual(found, ['cli/commands/scan.ts is loaded at the start'], early);
  }
});

test('badNames() finds what is not kebab-case, and barrels', () => {
  assert.deepEqual(badNames(['src/a/b-c.ts', 'src/a/b-c.test.ts', 'src/pep440.ts']), []);
  const bad = ['src/aB.ts', 'src/a_b.ts', 'src/A.ts', 'src/a.spec.ts', 'src/a-.ts', 'src/x/index.ts', 'src/aB/c.ts'];
  assert.deepEqual(badNames(bad), bad);
});

test('longFiles() counts lines, not the last line break', () => {
  const files = [file('short.ts', 'x\nx\n'), file('long.ts', 'x\nx\nx\n')];
  assert.deepEqual(longFiles(files, 2, {}), ['long.ts has more than 2 lines']);
  assert.deepEqual(longFiles(files, 2, { 'long.ts': 'why' }), []);
  assert.deepEqual(longFiles(files, 3, { 'long.ts': 'why' }), ['long.ts needs no exception']);
});

test('undocumentedExports() finds every kind of export without a docstring', () => {
  const bare = [
    'export function f(): void {}',
    'export async function f(): Promise<void> {}',
    'export function* f(): Generator<number> {}',
    'export class F {}',
    'export abstract class F {}',
    'export interface F {}',
    'export type F = string;',
    'export const f = 1;',
    'export let f = 1;',
  ];
  for (const line of bare) {
    assert.equal(undocumentedExports([file('x.ts', line)]).length, 1, line);
    assert.equal(undocumentedExports([file('x.ts', `/** Says it. */\nconst g = 1;\n${line}`)]).length, 1, line);
    assert.equal(undocumentedExports([file('x.ts', `/* Not for readers. */\n${line}`)]).length, 1, line);
    assert.equal(undocumentedExports([file('x.ts', `/** Says it. */\n\n${line}`)]).length, 1, line);
    assert.deepEqual(undocumentedExports([file('x.ts', `/** Says it. */\n${line}`)]), [], line);
    assert.deepEqual(
      undocumentedExports([file('x.ts', `/**\n * Says it of \`info/*.list\`.\n */\n${line}`)]),
      [],
      line,
    );
  }
  const overloads = '/** Says it. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;\n';
  assert.deepEqual(undocumentedExports([file('x.ts', overloads)]), []);
  const constants = 'export const a = 1;\nexport const b = 2;\n';
  assert.deepEqual(undocumentedExports([file('x.ts', `/** Both. */\n${constants}`)]), []);
  assert.equal(undocumentedExports([file('x.ts', constants)]).length, 2);
  assert.equal(undocumentedExports([file('x.ts', `/** One. */\n${constants}export function f() {}`)]).length, 1);
});

test('repeated() names each value that is there twice', () => {
  assert.deepEqual(repeated(['a', 'b', 'a', 'a']), ['a']);
});
