/** Lengths and distances as symbols with further bits (RFC 1951, 3.2.5). */
export const lengthBase: Uint16Array = new Uint16Array(29);
export const lengthBits: Uint8Array = new Uint8Array(29);
export const distanceBase: Uint16Array = new Uint16Array(30);
export const distanceBits: Uint8Array = new Uint8Array(30);

/** The length symbol, less 257, of each length from 3 to 258. */
export const lengthSymbol: Uint8Array = new Uint8Array(259);

const smallDistance = new Uint8Array(257);
const largeDistance = new Uint8Array(257);

for (let symbol = 0, length = 3; symbol < 28; symbol += 1) {
  const bits = symbol < 8 ? 0 : (symbol >> 2) - 1;
  lengthBase[symbol] = length;
  lengthBits[symbol] = bits;
  lengthSymbol.fill(symbol, length, length + (1 << bits));
  length += 1 << bits;
}
// The longest has a symbol of its own.
lengthBase[28] = 258;
lengthSymbol[258] = 28;

for (let symbol = 0, distance = 1; symbol < 30; symbol += 1) {
  const bits = symbol < 4 ? 0 : (symbol >> 1) - 1;
  distanceBase[symbol] = distance;
  distanceBits[symbol] = bits;
  if (distance <= 256) smallDistance.fill(symbol, distance, Math.min(257, distance + (1 << bits)));
  else largeDistance.fill(symbol, (distance - 1) >> 7, (distance - 1 + (1 << bits)) >> 7);
  distance += 1 << bits;
}

/** The symbol of a distance from 1 to 32,768. */
export function distanceSymbol(distance: number): number {
  return (distance <= 256 ? smallDistance[distance] : largeDistance[(distance - 1) >> 7]) as number;
}
