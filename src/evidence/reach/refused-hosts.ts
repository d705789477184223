import { embeddedAddress } from '../../net/embedded-address.ts';
import { isLoopback } from '../../net/host.ts';
import { type NetworkRange, parseNetworkRange } from '../../net/network-range.ts';
import { NetworkSet } from '../../net/network-set.ts';

/**
 * Networks in which no registry is: the machine itself, its links, and what stands for no machine or for several (RFC 6890). Among the links
 * are the metadata services of most clouds.
 */
const neverRegistries: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  'fe80::/10',
  'ff00::/8',
];

/** Where clouds tell their machines who they are, besides 169.254.0.0/16. */
const metadataServices: readonly string[] = [
  // Alibaba Cloud.
  '100.100.100.200',
  // Azure: the host of its machines ("What is IP address 168.63.129.16?").
  '168.63.129.16',
  // Oracle Cloud before its second generation, and the second by IPv6.
  '192.0.0.192',
  'fd00:c1::a9fe:a9fe',
  // Amazon: metadata, names and credentials of pods.
  'fd00:ec2::/32',
  // Google.
  'fd20:ce::254',
  // Scaleway.
  'fd00:42::42',
];

/** What the same is called by name, and what the API server is called by pods (Kubernetes, "DNS for Services and Pods"). */
const refusedNames =
  /^(?:metadata(?:\.google\.internal|\.goog)?|instance-data(?:\.ec2\.internal)?|kubernetes(?:\.default(?:\.svc(?:\.[a-z0-9.-]+)?)?)?)$/;

/**
 * Tells which hosts no image may lead to: by their names, and by their addresses in all forms.
 *
 * @param refused networks of whoever runs the webhook, and the address of the API server
 */
export function refusedHosts(refused: readonly NetworkRange[]): (host: string) => boolean {
  const set = new NetworkSet();
  for (const text of [...neverRegistries, ...metadataServices]) set.add(parseNetworkRange(text) as NetworkRange);
  for (const range of refused) set.add(range);
  return (host) => {
    // Brackets are a URL's, zones are a machine's own.
    const [bare = ''] = host.replace(/^\[(.*)\]$/, '$1').split('%', 1);
    const name = bare.toLowerCase().replace(/\.$/, '');
    if (isLoopback(name) || refusedNames.test(name) || set.has(name)) return true;
    const embedded = embeddedAddress(name);
    return embedded !== undefined && set.has(embedded);
  };
}
