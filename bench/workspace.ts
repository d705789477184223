import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Cost } from './measure.ts';

const root = join(import.meta.dirname, '..');

/** One line of a bench's result. */
export interface Line {
  readonly label: string;
  readonly value: string;
  /** What the value is held against. */
  readonly bar?: string;
  readonly met?: boolean;
}

/** Measures something. */
export type Bench = (space: Workspace) => Promise<readonly Line[]>;

/** One layer's blob of the bench image. */
export interface LayerFile {
  readonly path: string;
  readonly digest: string;
  /** Stored bytes. */
  readonly size: number;
}

/** A scratch folder with a database, the image, and the built program. */
export interface Workspace extends AsyncDisposable {
  readonly folder: string;
  /** The OCI layout. */
  readonly image: string;
  readonly layers: readonly LayerFile[];
  /** Runs the built program with this scratch folder's cache. */
  seaworthy(args: readonly string[], cache?: string): Promise<Cost>;
  /** A cache folder with a database and nothing else. */
  freshCache(): Promise<string>;
}

/** Makes the scratch folder and builds the database once. */
export async function workspace(image: string): Promise<Workspace> {
  const program = join(root, 'dist', 'bin', 'seaworthy.js');
  if (!existsSync(program)) throw new Error('Build first: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  const space: Workspace = {
    folder,
    image,
    layers: layersOf(image),
    seaworthy: (args, cache = join(folder, 'cache')) => run(process.execPath, [program, ...args, '--cache-dir', cache]),
    freshCache: async () => {
      const cache = mkdtempSync(join(folder, 'cache-'));
      await buildDatabase(space, cache);
      return cache;
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
  return space;
}

async function buildDatabase(space: Workspace, cache: string): Promise<void> {
  const osv = join(root, '..', 'shared', 'data', 'osv');
  const source = existsSync(osv) ? osv : join(root, 'examples', 'first-scan', 'osv');
  const cost = await space.seaworthy(['db', 'build', '--from', source], cache);
  if (cost.status !== 0) throw new Error(`The database was not built: ${cost.stderr}`);
}

function layersOf(image: string): LayerFile[] {
  const readJson = (path: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(image, path), 'utf8')) as Record<string, unknown>;
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
  const [root] = readJson('index.json')['manifests'] as { digest: string }[];
  const manifest = readJson(blob((root as { digest: string }).digest));
  return (manifest['layers'] as { digest: string; size: number }[]).map(({ digest, size }) => ({
    path: join(image, blob(digest)),
    digest,
    size,
  }));
}
