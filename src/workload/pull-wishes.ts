import { isObject, type JsonValue, memberOf } from '../lang/jmespath/value.ts';

/** What the description of a Pod says of how its images are pulled. */
export interface PullWishes {
  /** Names of Secrets in the object's namespace, in order. */
  readonly secrets: readonly string[];
  /** `default` where it names none. */
  readonly serviceAccount: string;
}

/**
 * Reads what a description of Pods says of Secrets (Kubernetes, "Pull an Image from a Private Registry").
 *
 * @param spec a PodSpec; null where there is none
 */
export function pullWishesOf(spec: JsonValue): PullWishes {
  const account = memberOf(spec, 'serviceAccountName');
  const old = memberOf(spec, 'serviceAccount');
  return {
    secrets: secretNames(memberOf(spec, 'imagePullSecrets')),
    serviceAccount: textOf(account) ?? textOf(old) ?? 'default',
  };
}

/** Names of a list of references: `[{"name": "pull"}]`. */
export function secretNames(list: JsonValue): readonly string[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly JsonValue[]).flatMap((each) =>
    isObject(each) ? (textOf(memberOf(each, 'name')) ?? []) : [],
  );
}

function textOf(value: JsonValue): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
