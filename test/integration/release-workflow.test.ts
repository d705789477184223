import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { load } from 'js-yaml';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';

// What the workflow does after tools/release.ts, which publishes nothing: its lines are run by bash as a runner runs them. `gh` and `npm` are
// scripts here, which do to a file what they would do to GitHub and to a registry.

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }>
  >;
}

const path = join(import.meta.dirname, '..', '..', '.github', 'workflows', 'release.yml');
const { jobs } = load(readFileSync(path, 'utf8')) as Workflow;
const steps = jobs['release']?.steps ?? [];
const made = steps.findIndex(({ run }) => run?.includes('tools/release.ts'));

/** A release is `none`, `draft` or `public`; GitHub takes a second draft of a tag, but nothing beside what is public. */
const gh = `#!/bin/sh
echo "gh $2" >> "$WORLD/log"
state=$(cat "$WORLD/release")
case "$2" in
  list) test ! -e "$WORLD/outage" || exit 1; echo v0.9.0; test "$state" != draft || echo "$TAG" ;;
  delete) echo none > "$WORLD/release" ;;
  create)
    test "$state" != public || exit 1
    test "$state" != draft || echo "gh second draft" >> "$WORLD/log"
    case " $* " in *' --prerelease '*) echo "gh prerelease" >> "$WORLD/log" ;; esac
    case " $* " in *' --draft '*) echo draft ;; *) echo public ;; esac > "$WORLD/release" ;;
  edit) test "$state" = draft || exit 1; case " $* " in *' --draft=false '*) echo public > "$WORLD/release" ;; esac ;;
  *) exit 1 ;;
esac
`;

const npm = `#!/bin/sh
case "$1 $2" in
  'config get') echo https://registry.test/ ;;
  'config set') test "$4" = //registry.test/:_authToken && test "$5" = secret ;;
  'publish ./release/seaworthy-1.2.3.tgz') echo "npm publish $6 $7" >> "$WORLD/log"; exit "$(cat "$WORLD/refusal")" ;;
  *) exit 1 ;;
esac
`;

function openWorld(release: 'none' | 'draft' | 'public', tag = 'v1.2.3') {
  const folder = temporaryDirectory();
  const state = (name: string): string => readFileSync(join(folder.path, name), 'utf8').trim();
  for (const each of ['bin', 'work/release']) mkdirSync(join(folder.path, each), { recursive: true });
  chmodSync(folder.write('bin/gh', gh), 0o755);
  chmodSync(folder.write('bin/npm', npm), 0o755);
  folder.write('release', release);
  folder.write('work/release/seaworthy-1.2.3.tgz', 'package');
  folder.write('work/release/seaworthy-1.2.3.tgz.sigstore.json', '{}');
  return {
    /** Runs the steps until one fails. @returns the name of that one, what was done, and whether the release is public */
    run(isRefused: boolean): {
      readonly failed: string | undefined;
      readonly done: readonly string[];
      readonly release: string;
    } {
      folder.write('log', '');
      folder.write('refusal', isRefused ? '1' : '0');
      const env = {
        PATH: `${join(folder.path, 'bin')}:/usr/bin:/bin`,
        WORLD: folder.path,
        TAG: tag,
        NODE_AUTH_TOKEN: 'secret',
      };
      const failed = steps.slice(made + 1).find(({ run = '' }) => {
        const shell = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run];
        return spawnSync('bash', shell, { cwd: join(folder.path, 'work'), env }).status !== 0;
      });
      const done = state('log')
        .split('\n')
        .filter((line) => line !== 'gh list');
      return { failed: failed?.name, done, release: state('release') };
    },
    /** Lets nobody see what releases there are. */
    breakList: () => void folder.write('outage', ''),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test('a release is public when its package is, and a try that failed can be made again', () => {
  assert.ok(made > 0);
  using world = openWorld('none');
  const refused = world.run(true);
  assert.deepEqual([refused.failed, refused.release], ['Publish the package, with its provenance', 'draft']);
  assert.deepEqual(refused.done, ['gh create', 'npm publish --tag latest']);
  const again = world.run(false);
  assert.deepEqual([again.failed, again.release], [undefined, 'public']);
  assert.deepEqual(again.done, ['gh delete', 'gh create', 'npm publish --tag latest', 'gh edit']);
});

test('where it cannot be told whether there is a draft, no second one is made', () => {
  using world = openWorld('draft');
  world.breakList();
  const { failed, done, release } = world.run(false);
  assert.deepEqual([failed, done, release], ['Keep the files in a draft', [], 'draft']);
});

test('a release that is public is neither replaced nor taken away', () => {
  using world = openWorld('public');
  const { failed, done, release } = world.run(false);
  assert.deepEqual([failed, done, release], ['Keep the files in a draft', ['gh create'], 'public']);
});

test('a version before a release is none that people get who ask for the latest', () => {
  using world = openWorld('none', 'v1.2.3-rc.1');
  const { failed, done } = world.run(false);
  assert.deepEqual([failed, done], [undefined, ['gh create', 'gh prerelease', 'npm publish --tag next', 'gh edit']]);
});

test('no expression is put into a script of the workflow', () => {
  for (const { run = '' } of Object.values(jobs).flatMap((job) => job.steps)) assert.doesNotMatch(run, /\$\{\{/);
});
