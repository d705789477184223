import { isObject, type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import { podSpecOf } from '../../policy/resource/images.ts';

/** What an object says of how its images are pulled. */
export interface PullWishes {
  /** Names of Secrets in the object's namespace, in order. */
  readonly secrets: readonly string[];
  /** `default` where it names none. */
  readonly serviceAccount: string;
}

/** Reads what an object's pods say of Secrets (Kubernetes, "Pull an Image from a Private Registry"). */
export function pullWishesOf(subject: ResourceSubject): PullWishes {
  const spec = podSpecOf(subject) ?? null;
  const account = memberOf(spec, 'serviceAccountName');
  const old = memberOf(spec, 'serviceAccount');
  return {
    secrets: namesOf(memberOf(spec, 'imagePullSecrets')),
    serviceAccount: textOf(account) ?? textOf(old) ?? 'default',
  };
}

/** Names of a list of references: `[{"name": "pull"}]`. */
export function namesOf(list: JsonValue): readonly string[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly JsonValue[]).flatMap((each) =>
    isObject(each) ? (textOf(memberOf(each, 'name')) ?? []) : [],
  );
}

function textOf(value: JsonValue): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
