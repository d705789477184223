/**
 * The lengths of a prefix code for symbols that occur so often, none longer than `longest` bits (Huffman's algorithm; RFC 1951, 3.2.2).
 * A symbol that never occurs gets 0. The same counts always give the same lengths.
 *
 * At least two symbols get a code, since readers refuse a code of one (RFC 1951, 3.2.7, leaves it open).
 */
export function codeLengths(counts: ArrayLike<number>, longest: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const used: number[] = [];
  for (let symbol = 0; symbol < counts.length; symbol += 1) if ((counts[symbol] as number) > 0) used.push(symbol);
  for (let symbol = 0; used.length < 2; symbol += 1) if (!used.includes(symbol)) used.push(symbol);
  const weights = used.map((symbol) => Math.max(1, counts[symbol] as number));
  const order = used.map((_, at) => at).sort((a, b) => (weights[a] as number) - (weights[b] as number) || a - b);
  const ofDepth = depthCounts(
    order.map((at) => weights[at] as number),
    longest,
  );
  // The rarest symbols come first, and get the longest codes.
  let next = 0;
  for (let length = longest; length > 0; length -= 1) {
    for (let left = ofDepth[length] as number; left > 0; left -= 1) {
      lengths[used[order[next] as number] as number] = length;
      next += 1;
    }
  }
  return lengths;
}

/** How many codes there are of each length, for weights in ascending order. */
function depthCounts(weights: readonly number[], longest: number): Uint32Array {
  const leaves = weights.length;
  const parents = new Int32Array(2 * leaves - 1);
  const merged: number[] = [];
  let leaf = 0;
  let node = 0;
  // Leaves and merged nodes are both in ascending order, so the two lightest stand at the front of one or the other.
  const takeLightest = (parent: number): number => {
    if (leaf < leaves && (node >= merged.length || (weights[leaf] as number) <= (merged[node] as number))) {
      parents[leaf] = parent;
      leaf += 1;
      return weights[leaf - 1] as number;
    }
    parents[leaves + node] = parent;
    node += 1;
    return merged[node - 1] as number;
  };
  for (let made = 0; made < leaves - 1; made += 1) {
    const parent = leaves + made;
    merged.push(takeLightest(parent) + takeLightest(parent));
  }
  const depths = new Uint8Array(parents.length);
  for (let at = parents.length - 2; at >= 0; at -= 1) {
    depths[at] = Math.min(255, (depths[parents[at] as number] as number) + 1);
  }
  const counts = new Uint32Array(longest + 1);
  for (let at = 0; at < leaves; at += 1) {
    const depth = Math.min(depths[at] as number, longest);
    counts[depth] = (counts[depth] as number) + 1;
  }
  fit(counts, longest);
  return counts;
}

/** Makes a code of lengths that were cut off at the longest: where one is lengthened, another one finds room beside it. */
function fit(counts: Uint32Array, longest: number): void {
  let taken = 0;
  for (let length = 1; length <= longest; length += 1) taken += (counts[length] as number) * 2 ** (longest - length);
  for (; taken > 2 ** longest; taken -= 1) {
    let length = longest - 1;
    while (counts[length] === 0) length -= 1;
    counts[length] = (counts[length] as number) - 1;
    counts[length + 1] = (counts[length + 1] as number) + 2;
    counts[longest] = (counts[longest] as number) - 1;
  }
}

/** The codes that go with such lengths, each with its bits in the order in which they are written (RFC 1951, 3.1.1 and 3.2.2). */
export function codesOf(lengths: Uint8Array): Uint16Array {
  const counts = new Uint16Array(17);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  counts[0] = 0;
  const next = new Uint16Array(17);
  for (let length = 1, code = 0; length <= 16; length += 1) {
    code = (code + (counts[length - 1] as number)) << 1;
    next[length] = code;
  }
  const codes = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol += 1) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    codes[symbol] = reversed(next[length] as number, length);
    next[length] = (next[length] as number) + 1;
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let bits = 0;
  for (let at = 0; at < length; at += 1) bits |= ((code >> at) & 1) << (length - 1 - at);
  return bits;
}
