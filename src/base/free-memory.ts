/**
 * Gives memory back at once that nobody reads any more, where these bytes have it for themselves; afterwards they are none. Large pieces
 * that are left to the collector of garbage make it look through the whole heap again and again, since it counts them.
 */
export function freeMemory(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength) buffer.transfer(0);
}
