/** Writes the pages of the manual into a folder: `node tools/man.ts [FOLDER]`, by default `dist/man`. */
import { join } from 'node:path';
import { writeManual } from './man/write-manual.ts';

const root = join(import.meta.dirname, '..');
const folder = process.argv[2] ?? join(root, 'dist', 'man');
process.stdout.write(`Wrote ${writeManual(root, folder).length} pages in ${folder}\n`);
