import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

const inPackage = /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/;

/**
 * The licences of packages whose code was bundled: it travels with the program, and so do they.
 *
 * @param modules paths of all modules of the bundle, those of the program too
 */
export function formatNotices(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((path) => inPackage.exec(path)?.[1] ?? []));
  const texts = [...folders].map((folder) => {
    const { name, version, license = 'no licence named' } = readManifest(folder);
    const files = readdirSync(folder).filter((entry) => /^(?:licen[cs]e|notice|copying)/i.test(entry));
    const parts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return `${[`${name} ${version} (${license})`, ...parts].join('\n\n')}\n`;
  });
  return [...new Set(texts)].toSorted().join(`\n${'-'.repeat(80)}\n\n`);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
