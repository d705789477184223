import { NetworkSet } from '../../../net/network-set.ts';
import { parseNetworkRange } from '../../../net/network-range.ts';

/** A new connection. */
export interface Packet {
  readonly family: 4 | 6;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** The rules of a generated ruleset. */
export interface NftRules {
  /** Hooks whose packets go through the rules. */
  readonly hooks: readonly string[];
  judge(packet: Packet): 'accept' | 'reject';
}

/** Text that {@link parseNft} does not know. */
class Unknown extends Error {}

/**
 * Reads the part of nftables' language that is generated here, line by line, and nothing else: an odd line is an error.
 *
 * @returns what is wrong with the text, as a text, or its rules
 */
export function parseNft(text: string): NftRules | string {
  const sets = new Map<string, NetworkSet>();
  const rules: ((packet: Packet) => 'accept' | 'reject' | undefined)[] = [];
  const hooks: string[] = [];
  let chain = '';
  try {
    for (const line of text.split('\n').map((each) => each.trim())) {
      const set =
        /^set (\w+) \{ type ipv([46])_addr; flags interval; auto-merge;(?: elements = \{ ([^}]*) \};)? \}$/.exec(line);
      if (set !== null) sets.set(set[1] as string, networksOf(set[3] ?? '', Number(set[2])));
      else if (/^chain \w+ \{$/.test(line)) chain = line.split(' ')[1] as string;
      else if (chain === 'rules' && line !== '}') rules.push(parseRule(line, sets));
      else if (line.startsWith('type filter hook ')) hooks.push(parseHook(line, chain));
      else if (!fixedLines.has(line) && !line.startsWith('#')) throw new Unknown(line);
    }
  } catch (error) {
    if (error instanceof Unknown) return `"${error.message}" is no line of a ruleset that is generated here`;
    throw error;
  }
  const judge = (packet: Packet): 'accept' | 'reject' => {
    for (const rule of rules) {
      const verdict = rule(packet);
      if (verdict !== undefined) return verdict;
    }
    return 'accept';
  };
  return { hooks, judge };
}

const fixedLines: ReadonlySet<string> = new Set([
  '',
  '}',
  'table inet seaworthy',
  'delete table inet seaworthy',
  'table inet seaworthy {',
  'ct state established,related accept',
  'oifname "lo" accept',
  'jump rules',
]);

function parseHook(line: string, chain: string): string {
  if (line !== `type filter hook ${chain} priority filter + 10; policy accept;`) throw new Unknown(line);
  return chain;
}

function networksOf(list: string, family: number): NetworkSet {
  const networks = new NetworkSet();
  for (const text of list.split(', ').filter((each) => each !== '')) {
    const range = parseNetworkRange(text);
    if (range?.family !== family) throw new Unknown(text);
    networks.add(range);
  }
  return networks;
}

function parseRule(
  line: string,
  sets: ReadonlyMap<string, NetworkSet>,
): (packet: Packet) => 'accept' | 'reject' | undefined {
  const match =
    /^(?:(ip6?) daddr @(\w+) ?)?(?:(tcp|udp) dport (?:(\d+)|\{ ([\d, ]+) \})|meta l4proto (tcp|udp))? ?(?:(accept)|counter reject(?: with tcp reset)?)$/.exec(
      line,
    );
  if (match === null) throw new Unknown(line);
  const [, ip, name = '', protocol, port, ports, layer, accept] = match;
  const family = ip === undefined ? undefined : ip === 'ip' ? 4 : 6;
  const networks = ip === undefined ? undefined : sets.get(name);
  if (ip !== undefined && networks === undefined) throw new Unknown(line);
  const wanted = ports?.split(', ').map(Number) ?? (port === undefined ? undefined : [Number(port)]);
  const kind = protocol ?? layer;
  return (packet) => {
    if (family !== undefined && packet.family !== family) return undefined;
    if (networks?.has(packet.address) === false) return undefined;
    if (kind !== undefined && packet.protocol !== kind) return undefined;
    if (wanted?.includes(packet.port) === false) return undefined;
    return accept === undefined ? 'reject' : 'accept';
  };
}
