const groups = /^(?:kyverno\.io|policies\.kyverno\.io|policy\.sigstore\.dev|seaworthy\.dev)\//;

/**
 * Whether documents of an `apiVersion` are of a group of policies: one of those that cannot be read here must not be passed over as if it
 * allowed everything.
 */
export function isOfPolicyGroup(apiVersion: string): boolean {
  return groups.test(apiVersion);
}
