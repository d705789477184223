import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { everyCommandOf, namesOf } from '../src/cli/outline/every-command.ts';
import { temporaryDirectory } from '../testing/image/temporary-directory.ts';
import { findProgram } from '../testing/registry/find-program.ts';
import { exitStatus, headingsOfNobody } from '../tools/man/exit-status.ts';
import { roffOf, sectionsOf } from '../tools/man/markdown.ts';
import { pageName } from '../tools/man/page.ts';
import { manualPages, programOutline } from '../tools/man/pages.ts';
import { inline, plain } from '../tools/man/roff.ts';

const root = join(import.meta.dirname, '..');
const exitCodes = readFileSync(join(root, 'docs', 'exit-codes.md'), 'utf8');
const commands = everyCommandOf(programOutline('1.2.3'));
const pages = manualPages(root);

/** What a reader sees. */
function unescape(roff: string): string {
  return roff
    .replaceAll(/\\f[BIR]/g, '')
    .replaceAll(String.raw`\-`, '-')
    .replaceAll(String.raw`\e`, '\\')
    .replaceAll(/^\\&/gm, '')
    .replaceAll(/\\\[u([0-9A-F]{4,6})\]/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}

test('every command has a page with its flags, and every group one that names what is below it', () => {
  assert.equal(pages.size, commands.length);
  for (const { path, options, commands: below, description } of commands) {
    const text = unescape(pages.get(`${pageName(path)}.1`) ?? '');
    assert.ok(text.includes(description), path.join(' '));
    for (const name of options.flatMap(namesOf)) assert.ok(text.includes(name), `${path.join(' ')} ${name}`);
    for (const one of below) assert.ok(text.includes(`${pageName(one.path)}(1)`));
    assert.match(text, /^\.SH EXIT STATUS$/m);
    assert.doesNotMatch(text, /[^.:] Variable:/, path.join(' '));
  }
  const whole = unescape(pages.get('seaworthy.1') ?? '');
  for (const heading of ['ENVIRONMENT', 'FILES', 'EXAMPLES'])
    assert.match(whole, new RegExp(`^\\.SH ${heading}$`, 'm'));
  assert.match(whole, /SEAWORTHY_PASSWORD[^]*DOCKER_CONFIG/);
});

test('every section of the page of exit codes is about some command', () => {
  const paths = commands.map(({ path }) => path.join(' '));
  assert.deepEqual(headingsOfNobody(exitCodes, paths), []);
  assert.deepEqual(headingsOfNobody('# T\n\n## Of nothing\n\nx\n', paths), ['Of nothing']);
  const said = (path: string): string => unescape(exitStatus(exitCodes, path.split(' ')).join('\n'));
  assert.match(said('verify'), /^12$/m);
  assert.doesNotMatch(said('image'), /^12$/m);
  assert.match(said('policy explain'), /^41$/m);
  assert.match(said('egress check'), /^31$/m);
  assert.match(said('operator serve'), /runs until it is interrupted/);
});

const formatters: readonly (readonly [program: string, args: readonly string[], expected: RegExp])[] = [
  ['groff', ['-man', '-Tutf8', '-ww', '-z'], /^$/],
  // Pages carry the version and no date, so that they are the same whenever they are built.
  ['mandoc', ['-T', 'lint', '-W', 'warning'], /^(?:mandoc: .*WARNING: missing date, using "": TH\n)*$/],
];

for (const [program, args, expected] of formatters) {
  const skip = spawnSync(program, ['-v']).error === undefined ? false : `${program} is not installed`;
  test(`${program} has nothing to say about the pages`, { skip }, () => {
    using folder = temporaryDirectory();
    for (const [name, text] of pages) writeFileSync(join(folder.path, name), text);
    for (const name of pages.keys()) {
      const { stdout, stderr } = spawnSync(program, [...args, name], { cwd: folder.path, encoding: 'utf8' });
      assert.match(`${stdout}${stderr}`, expected);
    }
  });
}

test('plain() leaves nothing that roff would heed', () => {
  assert.equal(plain(".SH x\n'y a-b \\n"), "\\&.SH x\n\\&'y a\\-b \\en");
  assert.equal(plain('…'), '\\[u2026]');
});

const man = findProgram('man');
const isManDb = man !== undefined && spawnSync(man, ['--version'], { encoding: 'utf8' }).stdout.startsWith('man ');
const withManDb = { skip: !isManDb && 'there is no man of man-db' };

test('docs/install.md names pages by words under which man-db finds them', withManDb, () => {
  using folder = temporaryDirectory();
  mkdirSync(join(folder.path, 'man1'));
  for (const [name, text] of pages) folder.write(join('man1', name), text);
  const page = readFileSync(join(root, 'docs', 'install.md'), 'utf8');
  const told = [...page.matchAll(/`man (seaworthy[^`]*)`/g)].map(([, words = '']) => words);
  assert.ok(told.length >= 4);
  for (const words of told) {
    const found = spawnSync(man as string, ['-w', '-M', folder.path, ...words.split(' ')], { encoding: 'utf8' });
    const name = `${words.replaceAll(' ', '-')}.1`;
    assert.deepEqual([found.status, found.stdout], [0, `${join(folder.path, 'man1', name)}\n`], found.stderr);
  }
});

test('inline() and roffOf() read what the documents are written in', () => {
  assert.equal(inline('See `--x` and [a **page**](b.md#c).'), 'See \\fB\\-\\-x\\fR and a page.');
  assert.deepEqual(
    roffOf(['', 'One', 'two.', '', '- a', '  b', '- c', '', '| S | M |', '| - | - |', '| `2` | bad |']),
    ['.PP', 'One two.', '.IP \\(bu 2', 'a b', '.IP \\(bu 2', 'c', '.TP', '\\fB2\\fR', 'bad'],
  );
  assert.deepEqual(
    sectionsOf('# T\n\nx\n\n## A\n\ny\n').map(({ heading }) => heading),
    ['', 'A'],
  );
});
