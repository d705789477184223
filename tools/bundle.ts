import { join } from 'node:path';
import { type Plugin, rolldown, type RolldownBuild } from 'rolldown';
import { builtinsAtOnce, lateBuiltins } from './builtins.ts';

/** What is started by itself, as a program, a process or a thread. */
const entries: Readonly<Record<string, string>> = {
  main: 'src/cli/main.ts',
  'registry-worker': 'src/cli/main-registry-worker.ts',
  'layer-worker': 'src/scan/layer-worker.ts',
  'checkpoint-worker': 'src/store/sql/sqlite/checkpoint-worker.ts',
  'bcrypt-worker': 'src/registry/auth/htpasswd/bcrypt-worker.ts',
};

/** What is started anew while somebody waits: each is one file, of which a start would else read some sixty and take half as long again. */
const wholeEntries: Readonly<Record<string, string>> = {
  'scan-worker': 'src/scan/process/worker/main.ts',
};

function openProgram(
  root: string,
  input: Readonly<Record<string, string>>,
  plugins: readonly Plugin[] = [],
): Promise<RolldownBuild> {
  return rolldown({
    input: Object.fromEntries(Object.entries(input).map(([name, file]) => [name, join(root, file)])),
    platform: 'node',
    cwd: root,
    plugins: [lateBuiltins, builtinsAtOnce, ...plugins],
  });
}

/**
 * The program: one entry, one chunk per command, the entries of processes and worker threads. All side by side in `dir`.
 *
 * @returns the paths of all modules that are in it
 */
export async function bundleProgram(root: string, dir: string): Promise<readonly string[]> {
  const bundle = await openProgram(root, entries);
  // All files side by side, so that a worker's entry is found next to whichever chunk starts it.
  const { output } = await bundle.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: false,
  });
  await bundle.close();
  const modules = output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
  for (const [name, file] of Object.entries(wholeEntries)) modules.push(...(await bundleWhole(root, dir, name, file)));
  return modules;
}

/** @returns the paths of all modules that are in it */
async function bundleWhole(root: string, dir: string, name: string, file: string): Promise<readonly string[]> {
  const bundle = await openProgram(root, { [name]: file });
  // The source is read at each start, and its comments with it.
  const { output } = await bundle.write({
    file: join(dir, `${name}.js`),
    format: 'esm',
    codeSplitting: false,
    comments: false,
    minify: false,
  });
  await bundle.close();
  return output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
}

/** The same as modules of CommonJS, which need no files to be loaded from: for the single file. */
export async function bundleScripts(root: string, dir: string): Promise<void> {
  const bundle = await openProgram(root, { ...entries, ...wholeEntries }, [inAscii]);
  await bundle.write({
    dir,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    comments: false,
    minify: false,
  });
  await bundle.close();
}

/** What a single file starts with, as one script. */
export async function bundleLoader(root: string, file: string): Promise<void> {
  const bundle = await rolldown({
    input: join(root, 'src/cli/single-file/main.ts'),
    platform: 'node',
    cwd: root,
    plugins: [builtinsAtOnce],
  });
  await bundle.write({ file, format: 'cjs', comments: false, minify: false });
  await bundle.close();
}

/**
 * The program for `verify` alone: all that a verification by key runs is one file, which the launcher runs as a script with
 * the code kept that V8 made of it (`bin/kept-script.cjs`). What is seldom needed lies beside it in chunks.
 */
export async function bundleVerify(root: string, dir: string): Promise<void> {
  const entry = join(root, 'src/cli/main-verify.ts');
  const first = new Set<string>();
  const bundle = await rolldown({
    input: { verify: entry },
    platform: 'node',
    cwd: root,
    plugins: [lateBuiltins, builtinsAtOnce, inAscii],
    // That is what the entry imports them for.
    checks: { ineffectiveDynamicImport: false },
  });
  await bundle.write({
    dir,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    // The source is read at each start, and its comments with it.
    comments: false,
    minify: false,
    codeSplitting: {
      groups: [
        {
          debugName: 'first',
          name: (id, context) => {
            if (first.size === 0) addImports(entry, context, first);
            return first.has(id) ? 'verify' : null;
          },
        },
      ],
    },
  });
  await bundle.close();
}

interface ModuleGraph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** A module, and all that it loads with it. */
function addImports(id: string, graph: ModuleGraph, into: Set<string>): void {
  if (into.has(id)) return;
  into.add(id);
  for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) addImports(imported, graph, into);
}

/** V8 holds a source with any other character in twice the memory, and Node reads ASCII faster. */
const inAscii: Plugin = {
  name: 'in-ascii',
  renderChunk: (code) =>
    code.replaceAll(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
};
