import { blockSize } from '../../codec/tar/header.ts';
import { seededBytes } from './random-bytes.ts';

/** Makes the tar of a layer with `files` files of `fileBytes` random bytes each. */
export function randomLayerTar(seed: string, files: number, fileBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < files; at += 1) {
    const body = seededBytes(`${seed}/${at}`, fileBytes);
    const name = `random/${seededBytes(`${seed}/${at}/name`, 8).toString('hex')}`;
    parts.push(header(name, fileBytes), body, Buffer.alloc((blockSize - (fileBytes % blockSize)) % blockSize));
  }
  parts.push(Buffer.alloc(2 * blockSize));
  return Buffer.concat(parts);
}

/** A header of a plain file of root's (POSIX pax, "ustar Interchange Format"). */
function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(name, 0, 'latin1');
  block.write('0000644\x000000000\x000000000\0', 100, 'latin1');
  block.write(`${size.toString(8).padStart(11, '0')}\x0000000000000\0        0`, 124, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0`, 148, 'latin1');
  return block;
}
