import { languageRuleOf } from '../../../match/language/list.ts';
import { isPackageType } from '../../../package/purl-of-package.ts';
import { packageKey } from '../../../vulndb/package-key.ts';

/** A package by its name. */
interface NamedPackage {
  readonly type: string;
  readonly name: string;
}

/** Whether the package's ecosystem takes both names for one: `Django` and `django` of PyPI. An artifact of Maven needs no group. */
export function isNameOf(pkg: NamedPackage, name: string): boolean {
  if (pkg.name === name || (!name.includes(':') && artifactOf(pkg) === name)) return true;
  const ecosystem = isPackageType(pkg.type) ? languageRuleOf(pkg.type)?.ecosystem : undefined;
  return ecosystem !== undefined && packageKey(ecosystem, pkg.name) === packageKey(ecosystem, name);
}

/** One form for all spellings of a name that any ecosystem takes for one, and for some names that are two. */
export function spellingOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Under what a package is to be kept, so that it is found by any name of it, or by the {@link spellingOf} that. */
export function keptNames(pkg: NamedPackage): readonly string[] {
  return [pkg.name, spellingOf(pkg.name), artifactOf(pkg) ?? pkg.name];
}

function artifactOf({ type, name }: NamedPackage): string | undefined {
  return type === 'maven' ? name.slice(name.lastIndexOf(':') + 1) : undefined;
}
