import { RegistryError } from '../error.ts';
import type { AccessControl } from './access-control.ts';

function notYet(): RegistryError {
  return new RegistryError('UNAVAILABLE', 'The registry is just starting; try again in a moment', {
    headers: { 'retry-after': '1' },
  });
}

/** While it is not known yet who may do what, nobody may do anything. */
export const closedAccess: AccessControl = {
  identify: () => {
    throw notYet();
  },
  allows: () => false,
  allowsCatalog: () => false,
  allowsAudit: () => false,
  seesAll: () => false,
  inCatalog: () => false,
  wantsLogin: () => true,
  refuse: notYet,
};
