import { buildElf } from './executable-builder.ts';
import { inlineInfo } from './go-build-info.ts';
import { file, type TarEntry } from './image/tar-writer.ts';
import { buildZip } from './zip-builder.ts';

/** Alpine's database with these packages, `name` to `version`. */
export function apkDatabase(
  packages: Readonly<Record<string, string>>,
  path: string = 'lib/apk/db/installed',
): TarEntry {
  const stanzas = Object.entries(packages).map(([name, version]) => `P:${name}\nV:${version}\nA:x86_64\no:${name}\n\n`);
  return file(path, stanzas.join(''));
}

/** Debian's database with these packages, `name` to `version`. */
export function dpkgDatabase(
  packages: Readonly<Record<string, string>>,
  path: string = 'var/lib/dpkg/status',
): TarEntry {
  const stanzas = Object.entries(packages).map(
    ([name, version]) =>
      `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nDescription: x\n\n`,
  );
  return file(path, stanzas.join(''));
}

/** `os-release` of Alpine or Debian. */
export function osRelease(id: 'alpine' | 'debian', version: string, path: string = 'etc/os-release'): TarEntry {
  return file(path, `ID=${id}\nVERSION_ID="${version}"\nPRETTY_NAME="${id} ${version}"\n`);
}

/** An installed package of npm below `folder`. */
export function npmPackage(name: string, version: string, folder: string = 'app'): TarEntry {
  return file(`${folder}/node_modules/${name}/package.json`, JSON.stringify({ name, version }));
}

/** A Java archive that says what it is. */
export function javaArchiveFile(path: string, group: string, artifact: string, version: string): TarEntry {
  const properties = `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`;
  const name = `META-INF/maven/${group}/${artifact}/pom.properties`;
  return file(path, buildZip([{ name, content: properties }]));
}

/** A program that Go built from `module` with one dependency. */
export function goProgram(path: string, module: string, dependency: string, version: string): TarEntry {
  const modules = `path\t${module}\nmod\t${module}\tv1.0.0\ndep\t${dependency}\t${version}\n`;
  const content = inlineInfo('go1.22.1', modules);
  const program = buildElf({ bits: 64, littleEndian: true }, [{ name: '.go.buildinfo', content }]);
  return file(path, program, { mode: 0o755 });
}
