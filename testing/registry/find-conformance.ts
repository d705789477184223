import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';

/** The conformance program of the distribution specification, as it was on 2026-08-31. */
const version = 'v0.0.0-20260831232431-97274622c111';
const module = 'github.com/opencontainers/distribution-spec/conformance';

const root = join(import.meta.dirname, '..', '..');

/**
 * The conformance program: that in `.cache/conformance/VERSION/`, which is built there when Go is on PATH and its module can be
 * had. Otherwise why there is none.
 */
export function findConformance(): { readonly program: string } | { readonly missing: string } {
  const folder = join(root, '.cache', 'conformance', version);
  const program = join(folder, 'conformance');
  if (existsSync(program)) return { program };
  const go = findProgram('go');
  if (go === undefined) return { missing: `no ${program}, and no go on PATH to build it with` };
  mkdirSync(folder, { recursive: true });
  try {
    // A version in the command makes Go look at no module of the folder that it is run in.
    const options = { env: { ...process.env, GOBIN: folder, GOFLAGS: '' }, timeout: 300_000, stdio: 'pipe' } as const;
    execFileSync(go, ['install', `${module}@${version}`], options);
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: Buffer | string };
    const lines = String(stderr).trim() || message;
    return { missing: `go could not build the conformance program: ${lines.slice(-300)}` };
  }
  return { program };
}
