import { readFileSync } from 'node:fs';
import { ReleaseError } from './error.ts';
import type { LockedPackage } from './lock.ts';

interface CycloneDx {
  readonly components?: readonly { readonly purl?: string }[];
}

interface Spdx {
  readonly packages?: readonly { readonly externalRefs?: readonly { readonly referenceLocator?: string }[] }[];
}

/** Looks whether both lists name this package, and every one of the lock file. @throws ReleaseError */
export function checkSboms(own: string, locked: readonly LockedPackage[], cyclonedx: string, spdx: string): void {
  const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
  const listed = {
    [cyclonedx]: ((read(cyclonedx) as CycloneDx).components ?? []).map(({ purl }) => purl),
    [spdx]: ((read(spdx) as Spdx).packages ?? []).flatMap(({ externalRefs = [] }) =>
      externalRefs.map((one) => one.referenceLocator),
    ),
  };
  const wanted = [own, ...locked.map(({ name, version }) => purlOf(name, version))];
  for (const [file, purls] of Object.entries(listed)) {
    const missing = wanted.filter((purl) => !purls.includes(purl));
    if (missing.length > 0) throw new ReleaseError('sbom', `${file} does not list ${missing.slice(0, 3).join(', ')}`);
  }
}

/** Scopes begin with a sign that package URLs escape. */
export function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}
