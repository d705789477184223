import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface LockedPackage {
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

const lock = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')) as {
  readonly packages: LockedPackages;
};

/**
 * What a lock asks for and does not hold. npm writes such a lock when a registry lacks a binary for another platform, and
 * then refuses it in a clean folder (`npm ci`).
 */
function missingFromLock(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !foldersAbove(place).some((folder) => Object.hasOwn(packages, `${folder}node_modules/${name}`)))
      .map((name) => `${place === '' ? 'the manifest' : place} needs ${name}`),
  );
}

/** The folders in whose `node_modules` Node looks for what a package imports. */
function foldersAbove(place: string): string[] {
  const parts = place === '' ? [] : place.split(/(?<=^|\/)(?=node_modules\/)/);
  return [...parts, ''].map((_, at) => {
    const folder = parts.slice(0, at).join('');
    return folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  });
}

test('package-lock.json holds everything that it asks for, for every platform', () => {
  assert.deepEqual(missingFromLock(lock.packages), []);
});

test('package-lock.json names no registry, and nothing in it runs a script when it is installed', () => {
  const entries = Object.entries(lock.packages);
  assert.deepEqual(
    entries.filter(([, { resolved }]) => resolved !== undefined).map(([place]) => place),
    [],
  );
  assert.deepEqual(
    entries.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([place]) => place),
    [],
  );
});

test('missingFromLock() looks where Node would', () => {
  const held = { '': { dependencies: { a: '1' } }, 'node_modules/a': { optionalDependencies: { '@b/c': '1' } } };
  assert.deepEqual(missingFromLock({ ...held, 'node_modules/@b/c': {} }), []);
  assert.deepEqual(missingFromLock({ ...held, 'node_modules/a/node_modules/@b/c': {} }), []);
  assert.deepEqual(missingFromLock(held), ['node_modules/a needs @b/c']);
  assert.deepEqual(missingFromLock({ '': { dependencies: { a: '1' } } }), ['the manifest needs a']);
});
