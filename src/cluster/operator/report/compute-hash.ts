/** Letters without vowels and figures that no bad words are made of (k8s.io/apimachinery, `rand.SafeEncodeString`). */
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The hash by which trivy-operator shortens a text: FNV-1a of 32 bits over the text behind the name of its type in Go, its decimal
 * digits written in safe letters. `system:controller:token-cleaner` is `868458b9d6`.
 */
export function computeHash(text: string): string {
  let sum = 0x81_1c_9d_c5;
  for (const byte of Buffer.from(`(string)${text}`)) sum = Math.imul(sum ^ byte, 0x01_00_01_93) >>> 0;
  return Array.from(String(sum), (digit) => letters.charAt(digit.charCodeAt(0) % letters.length)).join('');
}
