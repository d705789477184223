/** A part of AWS with names and accounts of its own (AWS General Reference, "Service endpoints"). */
interface Partition {
  /** What regions of it begin with. */
  readonly regions: RegExp;
  /** What hosts of its services end with. */
  readonly suffix: string;
  /** The same where both families of addresses are served. */
  readonly dualStack: string;
  /** What hosts of registries end with there. */
  readonly registries: string;
}

/** The first that a region fits. */
const partitions: readonly [...Partition[], Partition] = [
  {
    regions: /^cn-/,
    suffix: 'amazonaws.com.cn',
    dualStack: 'api.amazonwebservices.com.cn',
    registries: 'on.amazonwebservices.com.cn',
  },
  {
    regions: /^eusc-/,
    suffix: 'amazonaws.eu',
    dualStack: 'api.amazonwebservices.eu',
    registries: 'on.amazonwebservices.eu',
  },
  { regions: /^us-iso-/, suffix: 'c2s.ic.gov', dualStack: 'api.aws.ic.gov', registries: 'on.aws.ic.gov' },
  { regions: /^us-isob-/, suffix: 'sc2s.sgov.gov', dualStack: 'api.aws.scloud', registries: 'on.aws.scloud' },
  {
    regions: /^eu-isoe-/,
    suffix: 'cloud.adc-e.uk',
    dualStack: 'api.cloud-aws.adc-e.uk',
    registries: 'on.cloud-aws.adc-e.uk',
  },
  { regions: /^us-isof-/, suffix: 'csp.hci.ic.gov', dualStack: 'api.aws.hci.ic.gov', registries: 'on.aws.hci.ic.gov' },
  { regions: /^/, suffix: 'amazonaws.com', dualStack: 'api.aws', registries: 'on.aws' },
];

/** The part of AWS that a region is in. */
export function partitionOf(region: string): Partition {
  return partitions.find(({ regions }) => regions.test(region)) ?? (partitions[partitions.length - 1] as Partition);
}

/** Whether something is written as regions are: `us-gov-west-1`. It becomes a part of hosts. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,8}(?:-[a-z]{1,16}){1,3}-\d{1,2}$/.test(text);
}
