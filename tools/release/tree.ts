import { spawnSync } from 'node:child_process';
import { ReleaseError } from './error.ts';

/**
 * Looks whether the checkout is what a tag names, so that nobody signs what is not in the history.
 *
 * @param apart paths that are not looked at: what was built before, and what a release writes
 * @throws ReleaseError when it is another commit, or something in it was changed or added
 */
export function checkTree(root: string, tag: string, apart: readonly string[]): void {
  const tagged = git(root, ['rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`]);
  if (tagged === undefined) throw new ReleaseError('version', `There is no tag ${tag}; make it with "git tag ${tag}"`);
  if (git(root, ['rev-parse', 'HEAD']) !== tagged) {
    throw new ReleaseError('version', `What is checked out is not ${tag}; run "git checkout ${tag}"`);
  }
  const excluded = apart.map((path) => `:(exclude,literal)${path}`);
  const changed = git(root, ['status', '--porcelain', '--untracked-files=all', '--', '.', ...excluded]);
  if (changed === '') return;
  const [first = ''] = (changed ?? '').split('\n');
  throw new ReleaseError(
    'version',
    `The checkout is not as ${tag} has it (${first.trim()}); commit it, or take it back`,
  );
}

/** @returns what it prints; undefined where it ends with another status */
function git(root: string, args: readonly string[]): string | undefined {
  const { error, status, stdout } = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined) throw error;
  return status === 0 ? stdout.trim() : undefined;
}
