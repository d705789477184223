import type { NetworkRange } from '../../net/network-range.ts';

/** A range without the bits behind its network's own: `10.0.0.0/8` for `10.0.0.5/8`. Firewalls refuse a range that has any. */
export function networkOf({ family, address, bits }: NetworkRange): NetworkRange {
  const width = family === 4 ? 8 : 16;
  const kept = partsOf(address, family).map((part, index) => {
    const behind = Math.min(width, Math.max(0, width * (index + 1) - bits));
    return (part >>> behind) << behind;
  });
  const text = family === 4 ? kept.join('.') : shortened(kept.map((part) => part.toString(16)).join(':'));
  return { family, address: text, bits };
}

function partsOf(address: string, family: 4 | 6): number[] {
  if (family === 4) return address.split('.').map(Number);
  const [left = '', right] = shortened(address).split('::');
  const [before, after] = [left, right ?? ''].map((side) => side.split(':').filter((part) => part !== '')) as [
    string[],
    string[],
  ];
  const zeros = right === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].map((part) => Number.parseInt(part, 16));
}

/** An address of version 6 as RFC 5952 writes it, without dots. */
function shortened(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
