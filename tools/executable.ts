/**
 * Builds the single files, Node and program in one:
 *
 *   node tools/executable.ts [--target linux-x64]... [--out FOLDER] [--nodes FOLDER]
 *   node tools/executable.ts --fetch    brings the Nodes alone
 *
 * Without `--target` the one of this machine is built. The Nodes of targets come from npm, pinned by checksum, unless the folder has them.
 * Files for macOS are signed ad hoc, wherever they are built; `codesign --force --sign - FILE` on a Mac puts its own signature there.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildExecutables } from './executable/build-executables.ts';
import { nodeFor, ownTarget, type Target, targets } from './executable/nodes.ts';

const root = join(import.meta.dirname, '..');

try {
  await build();
} catch (error) {
  // A flag or a target that there is not, a Node that cannot be had: the sentence is all that helps.
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function build(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fetch: { type: 'boolean', default: false },
      target: { type: 'string', multiple: true },
      out: { type: 'string', default: join(root, 'release') },
      nodes: { type: 'string', default: join(root, '.cache', 'nodes') },
    },
  });
  const wanted = values.target ?? [ownTarget() ?? 'this machine'];
  const unknown = wanted.filter((one) => !targets.includes(one as Target));
  if (unknown.length > 0)
    throw new Error(`There is no single file for ${unknown.join(', ')}; choose from ${targets.join(', ')}`);
  if (values.fetch) {
    for (const target of wanted) nodeFor(target as Target, values.nodes);
    return;
  }
  const built = await buildExecutables({ root, targets: wanted as Target[], out: values.out, nodes: values.nodes });
  process.stdout.write(`Built ${built.join(', ')}\n`);
}
