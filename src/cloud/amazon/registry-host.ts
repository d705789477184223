import { isRegion, partitionOf } from './partition.ts';

/** A registry of Amazon, as its host tells it. */
export type AmazonRegistry =
  | {
      readonly kind: 'private';
      /** Twelve digits. */
      readonly account: string;
      readonly region: string;
      /** Where its tokens are got. */
      readonly api: string;
    }
  | { readonly kind: 'public' };

const privateHost = /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z0-9-]{1,40})\.([a-z0-9.-]{1,60})$/;

/** One of them answers by IPv6 as well (Amazon ECR Public User Guide). */
const publicHosts: ReadonlySet<string> = new Set(['public.ecr.aws', 'ecr-public.aws.com']);

/**
 * The registry that a host is; undefined for all that is none, whatever it begins or ends with. A region is taken only with the domain
 * of its own part of AWS (Amazon ECR User Guide, "Endpoints"): `ID.dkr.ecr[-fips].REGION.amazonaws.com`, `ID.dkr-ecr[-fips].REGION.on.aws`.
 */
export function amazonRegistry(host: string): AmazonRegistry | undefined {
  if (publicHosts.has(host)) return { kind: 'public' };
  const [, account, dot, fips = '', region = '', domain] = privateHost.exec(host) ?? [];
  if (account === undefined || !isRegion(region)) return undefined;
  const { suffix, dualStack, registries } = partitionOf(region);
  const isDual = dot === '-';
  if (domain !== (isDual ? registries : suffix)) return undefined;
  if (isDual) return { kind: 'private', account, region, api: `ecr${fips}.${region}.${dualStack}` };
  return { kind: 'private', account, region, api: `${fips === '' ? 'api.ecr' : 'ecr-fips'}.${region}.${suffix}` };
}
