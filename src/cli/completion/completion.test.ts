import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { testHost } from '../../../testing/test-host.ts';
import { everyCommandOf, namesOf } from '../outline/every-command.ts';
import { outlineOf } from '../outline/outline.ts';
import { allCommands } from '../program/all-commands.ts';
import { buildProgram } from '../program/build-program.ts';
import { renderCompletion, type Shell, shells } from './shells.ts';

const program = buildProgram(testHost(), () => undefined, allCommands);
const outline = outlineOf(program);

const folder = temporaryDirectory();
after(() => folder[Symbol.dispose]());
const scripts = Object.fromEntries(
  shells.map((shell) => {
    const file = join(folder.path, `seaworthy.${shell}`);
    writeFileSync(file, renderCompletion(shell, outline));
    return [shell, file];
  }),
) as Record<Shell, string>;
const work = join(folder.path, 'work');
mkdirSync(join(work, 'some-folder'), { recursive: true });
writeFileSync(join(work, 'some file.json'), '');

function missing(shell: Shell): { readonly skip: string | false } {
  const found = spawnSync(shell, ['-c', 'true']).status === 0;
  return { skip: found ? false : `${shell} is not installed` };
}

function runShell(shell: Shell, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(shell, args, {
    cwd: work,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env['PATH'], HOME: folder.path, TERM: 'dumb', LC_ALL: 'C.UTF-8' },
  });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}

/** Words as bash cuts them, and what it is to offer for the last one. */
const inBash: readonly (readonly [line: readonly string[], offered: readonly string[]])[] = [
  [['ima'], ['image']],
  [['registry', 'se'], ['serve']],
  [['--config', 'registry', 'registry', 'se'], ['serve']],
  [['-d', 'registry', 'se'], ['serve']],
  [['image', '--ignore-u'], ['--ignore-unfixed']],
  [['image', '--format', 'js'], ['json']],
  [['image', '--format', '=', 'sar'], ['sarif']],
  [
    ['image', '--format', '='],
    ['table', 'json', 'sarif', 'cyclonedx-json', 'spdx-json'],
  ],
  [['image', '-s', 'HIGH,CR'], ['HIGH,CRITICAL']],
  [['k8s', '--report', 'su'], ['summary']],
  [['egress', 'check', '-f', 'j'], ['json']],
  [['egress', 'generate', '--format', 'te'], ['text']],
  [['build', '--compression', 'z'], ['zstd']],
  [['admission', 'serve', '--unmatched', 'w'], ['warn']],
  [['registry', 'audit', '-f', 'jsonl'], ['jsonl']],
  [
    ['image', '-o', 'json', '=', 'some'],
    ['some file.json', 'some-folder'],
  ],
  [['image', '-o', 'json', '=', 'a.json', '--quie'], ['--quiet']],
  [
    ['image', '--input', 'some'],
    ['some file.json', 'some-folder'],
  ],
  [['image', 'oci-dir', ':', 'x', '--quie'], ['--quiet']],
  [
    ['image', 'oci-dir', ':', 'some'],
    ['some file.json', 'some-folder'],
  ],
  [['image', 'example.org', ':', 'some'], []],
  ...['fs', 'repo', 'config'].map(
    (command) =>
      [
        [command, 'some'],
        ['some file.json', 'some-folder'],
      ] as const,
  ),
  [['policy', 'test', 'some-'], ['some-folder']],
  [['build', '--add', 'some-'], ['some-folder']],
  [['build', '--label', 'some'], []],
  [['image', '--', '--quie'], []],
  [['rootfs', 's'], ['some-folder']],
  [['rootfs', 'a', 's'], ['some-folder']],
  [['image', '--exit-code', ''], []],
  [['completion', 'z'], ['zsh']],
  [['no-such-command', ''], [...everyNameOf([])]],
];

test('bash completes commands, flags, values and files', missing('bash'), () => {
  for (const [line, offered] of inBash) {
    const words = ['seaworthy', ...line].map((word) => `'${word}'`).join(' ');
    const said = runShell('bash', [
      '--norc',
      '-c',
      `set -u; source '${scripts.bash}'; COMP_WORDS=(${words}); COMP_CWORD=${line.length}; _seaworthy; printf '%s\\n' \${COMPREPLY[@]+"\${COMPREPLY[@]}"}`,
    ]);
    const given = said.split('\n').filter((one) => one !== '');
    assert.deepEqual(given.toSorted(), offered.toSorted(), line.join(' '));
  }
});

test('bash keeps what it does not cut off', missing('bash'), () => {
  for (const [word, offered] of [
    ['oci-dir:some-', 'oci-dir:some-folder'],
    ['example.org:some-', ''],
  ] as const) {
    const said = runShell('bash', [
      '--norc',
      '-c',
      `source '${scripts.bash}'; COMP_WORDBREAKS=' '; COMP_WORDS=(seaworthy image '${word}'); COMP_CWORD=2; _seaworthy; printf %s "\${COMPREPLY[*]}"`,
    ]);
    assert.equal(said, offered);
  }
});

const inFish: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['ima', ['image']],
  ['registry se', ['serve']],
  ['--config registry registry se', ['serve']],
  ['image --ignore-u', ['--ignore-unfixed']],
  ['image --format js', ['json']],
  ['image --format=sar', ['--format=sarif']],
  ['image -s HIGH,CR', ['HIGH,CRITICAL']],
  ['rootfs s', ['some-folder/']],
  ['fs some-', ['some-folder/']],
  ['image oci-dir:some-', ['oci-dir:some-folder/']],
  ['completion z', ['zsh']],
];

test('fish completes commands, flags, values and folders', missing('fish'), () => {
  for (const [line, offered] of inFish) {
    const said = runShell('fish', ['--no-config', '-c', `source '${scripts.fish}'; complete -C 'seaworthy ${line}'`]);
    const given = said.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0]]));
    assert.deepEqual(given, offered, line);
  }
});

/** What is typed, and what stands there after the tabulator. */
const inZsh: readonly (readonly [typed: string, completed: string])[] = [
  ['ima', 'image '],
  ['registry se', 'registry serve '],
  ['--config x registry se', '--config x registry serve '],
  ['image --ignore-u', 'image --ignore-unfixed '],
  ['image --format js', 'image --format json '],
  ['image --format=sar', 'image --format=sarif '],
  ['image -s HIGH,CR', 'image -s HIGH,CRITICAL'],
  ['image -o json=some\\ f', 'image -o json=some\\ file.json '],
  ['rootfs s', 'rootfs some-folder/'],
  ['config some-', 'config some-folder/'],
  ['image oci-dir:some-', 'image oci-dir:some-folder/'],
  ['image example.org:some-', 'image example.org:some-'],
  ['completion z', 'completion zsh '],
];

test('zsh completes commands, flags, values and files', missing('zsh'), () => {
  // A shell in a terminal of its own, in which the tabulator says what stands there when it is done.
  const script = `
zmodload zsh/zpty
zpty shell 'PS1= zsh -f -i'
zpty -w shell 'autoload -Uz compinit && compinit -u -D; source ${scripts.zsh}; stty columns 500'
zpty -w shell 'tell() { zle complete-word; print -r -- "<""<$BUFFER>"">"; zle kill-buffer }; zle -N tell; bindkey "^I" tell; print RE""ADY'
zpty -r shell line '*READY*'
for typed in "$@"; do
  zpty -n -w shell "seaworthy $typed"$'\\t'
  zpty -r shell line '*<<*>>*'
  print -r -- "\${\${line##*<<}%%>>*}"
done
zpty -d shell`;
  const said = runShell('zsh', ['-f', '-c', script, 'zsh', ...inZsh.map(([typed]) => typed)]);
  const given = said.split('\n').slice(0, -1);
  assert.deepEqual(
    given,
    inZsh.map(([, completed]) => `seaworthy ${completed}`),
  );
});

test('renderCompletion() names every command and every flag that help shows', () => {
  for (const shell of shells) {
    const script = renderCompletion(shell, outline);
    for (const { path, options } of everyCommandOf(outline)) {
      for (const name of [...path.slice(-1), ...options.flatMap(namesOf)]) {
        const shown = shell === 'fish' ? name.replace(/^--/, '-l ').replace(/^-(?=\w$)/, '-s ') : name;
        assert.ok(script.includes(shown), `${shell}: ${path.join(' ')} ${name}`);
      }
    }
  }
});

test('the command takes the shells that there are completions for', () => {
  const { argChoices } = program.commands.find((one) => one.name() === 'completion')?.registeredArguments[0] ?? {};
  assert.deepEqual(argChoices, shells);
});

function everyNameOf(path: readonly string[]): readonly string[] {
  const at = everyCommandOf(outline).find((one) => one.path.join(' ') === path.join(' '));
  return at?.commands.map((one) => one.path.at(-1) ?? '') ?? [];
}
