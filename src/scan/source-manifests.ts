import type { Problem } from '../base/problem.ts';

interface ManifestKind {
  /** What a project of this kind has. */
  readonly manifest: RegExp;
  /** Files beside it, or further out, that say which packages it is built from. */
  readonly locks: readonly string[];
  readonly advice: string;
}

const npmLocks = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock'];
const pythonLocks = ['poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', 'requirements.txt'];
const gradleLocks = ['gradle.lockfile', 'buildscript-gradle.lockfile'];

/** Manifests alone tell ranges, and not what is built in. */
const kinds: readonly ManifestKind[] = [
  {
    manifest: /^pom\.xml$/,
    locks: [],
    advice:
      'Maven has no lock file, and parents and imports of a pom.xml are not followed; scan what is built with rootfs or image',
  },
  { manifest: /^build\.gradle(?:\.kts)?$/, locks: gradleLocks, advice: 'run gradle dependencies --write-locks' },
  { manifest: /^package\.json$/, locks: npmLocks, advice: 'run npm install --package-lock-only' },
  { manifest: /^bun\.lockb$/, locks: npmLocks, advice: 'run bun install --save-text-lockfile' },
  { manifest: /^pyproject\.toml$|^setup\.py$|^setup\.cfg$/, locks: pythonLocks, advice: 'run uv lock or poetry lock' },
  { manifest: /^Pipfile$/, locks: pythonLocks, advice: 'run pipenv lock' },
  { manifest: /^Cargo\.toml$/, locks: ['Cargo.lock'], advice: 'run cargo generate-lockfile' },
  { manifest: /^composer\.json$/, locks: ['composer.lock'], advice: 'run composer update --no-install' },
  { manifest: /^Gemfile$|^gems\.rb$/, locks: ['Gemfile.lock', 'gems.locked'], advice: 'run bundle lock' },
  { manifest: /\.(?:cs|fs|vb)proj$/, locks: ['packages.lock.json'], advice: 'run dotnet restore --use-lock-file' },
  {
    manifest: /^mix\.exs$|^pubspec\.yaml$|^Package\.swift$|^Podfile$|^build\.sbt$|^deno\.json$|^conanfile\.(?:txt|py)$/,
    locks: [],
    advice: 'projects of this kind are not read; scan what is built with rootfs or image',
  },
];

/** Manifests of one kind that are remembered; of more, the first stands for all. */
const maxKept = 10_000;

/** Watches the files of a source tree go by, and tells which projects say nothing of what they are built from. */
export class ManifestWatch {
  readonly #manifests = new Map<ManifestKind, string[]>();
  readonly #locks = new Set<string>();

  /** @param path without a leading slash */
  see(path: string): void {
    const name = path.slice(path.lastIndexOf('/') + 1);
    for (const kind of kinds) {
      if (kind.locks.includes(name)) this.#locks.add(path);
      if (!kind.manifest.test(name)) continue;
      const known = this.#manifests.get(kind);
      if (known === undefined) this.#manifests.set(kind, [path]);
      else if (known.length < maxKept) known.push(path);
    }
  }

  /** One for each kind of project that has no lock file in its folder or further out. */
  problems(): Problem[] {
    const found: Problem[] = [];
    for (const [kind, paths] of this.#manifests) {
      const bare = paths.filter((path) => !this.#isLocked(path, kind)).sort();
      const [first] = bare;
      if (first === undefined) continue;
      const others = bare.length === 1 ? '' : ` (and of ${bare.length - 1} more like it)`;
      const message = `What this is built from is not known${others}: ${kind.locks.length === 0 ? '' : `there is no ${listed(kind.locks)}; `}${kind.advice}`;
      found.push({ code: 'LOCKFILE_MISSING', subject: first, message });
    }
    return found;
  }

  /** A workspace has its lock file in a folder further out. */
  #isLocked(path: string, { locks }: ManifestKind): boolean {
    for (let end = path.lastIndexOf('/'); ; end = path.lastIndexOf('/', end - 1)) {
      const folder = end < 0 ? '' : path.slice(0, end + 1);
      if (locks.some((lock) => this.#locks.has(folder + lock))) return true;
      if (end <= 0) return false;
    }
  }
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? (names[0] as string) : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
