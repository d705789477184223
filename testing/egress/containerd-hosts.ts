import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../registry/find-program.ts';

/** The versions of containerd whose resolver is asked. */
const containerdVersions = { older: 'v1.7.35', newer: 'v2.4.2' } as const;

/** An endpoint, in the parts that containerd has. */
export interface ResolvedHost {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
}

/** Whom both versions ask; null where pulls fail. */
export interface ResolvedHosts {
  readonly older: readonly ResolvedHost[] | null;
  readonly newer: readonly ResolvedHost[] | null;
}

const root = join(import.meta.dirname, '..', '..');

/**
 * A program around containerd's own resolver, `containerd-hosts/main.go`: that in `.cache/`, which is built there when Go is on PATH and
 * the modules can be had. Otherwise why there is none.
 */
export function findContainerdHosts(): { readonly program: string } | { readonly missing: string } {
  const { older, newer } = containerdVersions;
  const program = join(root, '.cache', 'containerd-hosts', `${older}-${newer}`);
  if (existsSync(program)) return { program };
  const go = findProgram('go');
  if (go === undefined) return { missing: `no ${program}, and no go on PATH to build it with` };
  mkdirSync(join(program, '..'), { recursive: true });
  const folder = mkdtempSync(`${program}.`);
  const run = (...args: readonly string[]): void => {
    const options = { cwd: folder, env: { ...process.env, GOFLAGS: '' }, timeout: 300_000, stdio: 'pipe' } as const;
    execFileSync(go, args, options);
  };
  try {
    copyFileSync(join(import.meta.dirname, 'containerd-hosts', 'main.go'), join(folder, 'main.go'));
    run('mod', 'init', 'containerd-hosts');
    const configs = [`remotes/docker/config@${older}`, `v2/core/remotes/docker/config@${newer}`];
    run('get', ...configs.map((each) => `github.com/containerd/containerd/${each}`), 'github.com/sirupsen/logrus');
    run('build', '-buildvcs=false', '-o', 'program', '.');
    renameSync(join(folder, 'program'), program);
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: Buffer | string };
    return { missing: `go could not build it: ${(String(stderr).trim() || message).slice(-300)}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { program };
}

/** Asks it about images of a host below each root. */
export function askContainerdHosts(program: string, roots: readonly string[], host: string): readonly ResolvedHosts[] {
  const input = roots.map((each) => `${JSON.stringify({ root: each, host })}\n`).join('');
  const lines = execFileSync(program, { input, maxBuffer: 1 << 28, timeout: 60_000 })
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as ResolvedHosts);
}
