/**
 * What counts as one place when attempts are counted: an IPv4 address, or the first 64 bits of an IPv6 address, which
 * whoever has one has whole (RFC 6177). Empty where nothing is known.
 */
export function addressGroup(address: string | undefined): string {
  if (address === undefined) return '';
  const text = (address.split('%', 1)[0] ?? '').toLowerCase();
  if (!text.includes(':')) return text;
  if (text.includes('.')) return text.slice(text.lastIndexOf(':') + 1);
  const [head = '', tail] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: gap }, () => '0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
