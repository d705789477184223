import type { PackageUrl } from '../../package/package-url.ts';

/**
 * True when the purl of a rule speaks of that package: type, namespace and name are equal; version and subpath are where
 * the rule gives them; each qualifier of the rule stands in the package's purl with the same value, which may have more
 * (aquasecurity/trivy, pkg/purl/purl.go, `Match`).
 */
export function purlCovers(rule: PackageUrl, target: PackageUrl): boolean {
  return (
    rule.type === target.type &&
    (rule.namespace ?? '') === (target.namespace ?? '') &&
    rule.name === target.name &&
    (rule.version === undefined || rule.version === target.version) &&
    (rule.subpath === undefined || rule.subpath === target.subpath) &&
    Object.entries(rule.qualifiers).every(
      ([key, value]) => Object.hasOwn(target.qualifiers, key) && target.qualifiers[key] === value,
    )
  );
}
