/** What a `policy.json` says of images that no narrower scope is for (containers-policy.json(5)). */
export type TrustPolicy = (image: string) => 'accepted' | 'refused';

/** A policy, or why it cannot be read: pulls fail then. */
export type TrustReading =
  | { readonly policy: TrustPolicy; readonly mistake?: undefined }
  | { readonly policy?: undefined; readonly mistake: string };

/**
 * Reads a `policy.json` as far as it refuses whole registries: the narrowest scope of the transport `docker` counts, then the
 * transport's own, then the default. Requirements that are no plain refusal count as accepting.
 */
export function parseTrustPolicy(text: string): TrustReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { mistake: 'it is no JSON' };
  }
  const root = asObject(value);
  const byDefault = root?.['default'];
  if (!Array.isArray(byDefault) || byDefault.length === 0) return { mistake: 'it has no default' };
  const scopes = asObject(asObject(root?.['transports'])?.['docker']) ?? {};
  return {
    policy: (image) => {
      for (const scope of scopesOf(image)) {
        if (Object.hasOwn(scopes, scope)) return judge(scopes[scope]);
      }
      return judge(byDefault);
    },
  };
}

/** Narrowest first: the name, its parents, the host, wildcards for the host, and all that is left. */
function scopesOf(image: string): string[] {
  const scopes: string[] = [];
  for (let name = image; ; name = name.slice(0, name.lastIndexOf('/'))) {
    scopes.push(name);
    if (!name.includes('/')) break;
  }
  const host = (scopes.at(-1) as string).replace(/:\d+$/, '');
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) scopes.push(`*${host.slice(dot)}`);
  return [...scopes, ''];
}

function judge(requirements: unknown): 'accepted' | 'refused' {
  if (!Array.isArray(requirements)) return 'accepted';
  return requirements.some((each) => asObject(each)?.['type'] === 'reject') ? 'refused' : 'accepted';
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
