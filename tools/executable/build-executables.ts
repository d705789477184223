import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { singleFileAssets } from '../../src/base/single-file.ts';
import { bundleLoader, bundleScripts, bundleVerify } from '../bundle.ts';
import { checkMacho } from './check-macho.ts';
import { nodeFor, ownTarget, type Target } from './nodes.ts';
import { signMacho } from './sign-macho.ts';

/** What to build. */
export interface ExecutableOptions {
  /** The checkout. */
  readonly root: string;
  readonly targets: readonly Target[];
  /** Where the files go, as `seaworthy-TARGET`. */
  readonly out: string;
  /** Where the Nodes of the targets are kept. */
  readonly nodes: string;
}

/**
 * Builds single files: Node, and the program as assets of it, which are read where they lie and never unpacked.
 *
 * @returns their paths
 * @throws Error when a Node cannot be had or a file cannot be built
 */
export async function buildExecutables(options: ExecutableOptions): Promise<readonly string[]> {
  const { root, targets } = options;
  const [out, nodes] = [resolve(options.out), resolve(options.nodes)];
  const own = ownTarget();
  if (own === undefined) throw new Error('Single files are built on Linux or macOS, on x64 or arm64');
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(out, '.work-'));
  try {
    const loader = join(work, singleFileAssets.loader);
    await bundleScripts(root, join(work, 'cli'));
    await bundleVerify(root, join(work, 'verify'));
    await bundleLoader(root, loader);
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      'name' | 'version',
      string
    >;
    writeFileSync(join(work, singleFileAssets.manifest), JSON.stringify({ name, version }));
    const assets = filesBelow(work);
    // Code that is kept of one build must not be taken for that of another.
    writeFileSync(join(work, 'build'), digestOf(Object.values(assets)));
    assets['build'] = join(work, 'build');
    const builder = nodeFor(own, nodes);
    return targets.map((target) => {
      const output = join(out, `seaworthy-${target}`);
      const config = join(work, `${target}.json`);
      writeFileSync(
        config,
        JSON.stringify({
          // As it stands here it stands in the file, which is the same wherever it is built.
          main: singleFileAssets.loader,
          executable: nodeFor(target, nodes),
          output,
          disableExperimentalSEAWarning: true,
          assets,
        }),
      );
      execFileSync(builder, ['--build-sea', config], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
      if (target.startsWith('darwin-')) sign({ file: output, target, name, work });
      return output;
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Putting the program in has taken Node's own signature away. The signed file is another one than the unsigned was: macOS keeps what it
 * knows of the signature of a file as long as the file is there, whatever is written into it.
 */
function sign({ file, target, name, work }: Record<'file' | 'name' | 'work', string> & { target: Target }): void {
  const signed = signMacho(readFileSync(file), name);
  // Where it cannot be started, its form is all that can be looked at.
  const wrong = checkMacho(signed, target);
  if (wrong.length > 0) throw new Error(`${file} would not start on macOS: ${wrong.join('; ')}`);
  const made = join(work, target);
  writeFileSync(made, signed, { mode: 0o755 });
  renameSync(made, file);
}

function filesBelow(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  return Object.fromEntries(paths.map((path) => [relative(folder, path).replaceAll('\\', '/'), path]));
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest('hex');
}
