import type { Cataloger } from '../../cataloger.ts';
import { resultOf } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { parseCargoLock } from './parse.ts';

/** Rust crates of a project: `Cargo.lock`. */
export const cargoLock: Cataloger = {
  id: 'cargo-lock',
  version: 1,
  wants: [{ name: 'Cargo.lock' }],
  neighbours: ['Cargo.toml'],
  maxBytes: lockLimits.bytes,
  essential: true,
  readsEmpty: true,
  read(file) {
    return resultOf(file.path, parseCargoLock(file.bytes, file.neighbour('Cargo.toml')));
  },
};
